//! Users.
use domain::administration::User;

crate::resource_store! {
    users: User { username, display_name, role, unit_id, party_organization_id, cadre_id, disabled }
    filter { username, role, unit_id, party_organization_id, cadre_id, disabled }
    sort { username }
    search { username, display_name }
    rules { crate::rules::user }
}
