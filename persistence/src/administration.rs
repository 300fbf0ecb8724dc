//! Users.
use domain::administration::User;
use domain::policy::Role;

crate::resource_store! {
    users: User { username: Text, display_name: Text, role: CodeText, unit_id: Nullable<Uid>, disabled: Bool }
    eq { username: Text, String; role: CodeText, Role; unit_id: Uid, Uuid; disabled: Bool, bool; }
    range {}
    fuzzy {}
    sort { username: Text, String; }
    search { username, display_name }
    rules { crate::rules::user }
}
