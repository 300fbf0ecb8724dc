//! What belongs to a unit, an organization or a person: the condition of a narrow scope, made of what each
//! resource refers to, so that a new resource is bounded by its references and shows nothing without any.
use crate::registry;
use crate::statement::Sql;
use domain::{Part, Scope};

/// Which records of the resource at `path` belong to the part of a division that the scope is; nothing to say in
/// a scope that is a whole division.
pub(crate) fn belonging(sql: &mut Sql<'_>, scope: &Scope, path: &str) {
    let Some(part) = scope.part() else { return };
    let Some(kind) = registry::find(path).filter(|kind| kind.visibility.is_bounded()) else { return };
    sql.say(" AND (1 = 0");
    let of_person = kind.references.iter().any(|(field, ..)| *field == "cadre_id");
    own(sql, part, kind.path);
    for (field, expand, to) in &kind.references {
        match (part, *to) {
            // A list of ids names helpers and witnesses, not whom a record is about.
            _ if expand.is_empty() => {}
            (Part::Unit(id), "units") => drop(sql.say(" OR ").say(field).say(" = ").bind(id)),
            (Part::Unit(id), "cadres") if *field == "cadre_id" => {
                sql.say(" OR cadre_id IN (SELECT id FROM cadres WHERE deleted_at IS NULL AND unit_id = ")
                    .bind(id)
                    .say(")");
            }
            (Part::Organization(_), "party-organizations") => {
                sql.say(" OR ").say(field);
                organizations(sql, part);
            }
            (Part::Organization(_), "cadres") if *field == "cadre_id" => {
                sql.say(" OR cadre_id");
                members(sql, part);
            }
            (Part::Person(id), "cadres") if *field == "cadre_id" => drop(sql.say(" OR cadre_id = ").bind(id)),
            // What is about nobody in particular: terms and meetings of the person's own organization.
            (Part::Person(_), "party-organizations") if !of_person && kind.path != "party-organizations" => {
                sql.say(" OR ").say(field);
                organizations(sql, part);
            }
            _ => {}
        }
    }
    sql.say(")");
}

/// The unit, organization or person itself.
fn own(sql: &mut Sql<'_>, part: Part, path: &str) {
    match (part, path) {
        (Part::Unit(id), "units") | (Part::Person(id), "cadres") => drop(sql.say(" OR id = ").bind(id)),
        (Part::Organization(_), "cadres") => {
            sql.say(" OR id");
            members(sql, part);
        }
        (Part::Organization(_) | Part::Person(_), "party-organizations") => {
            sql.say(" OR id");
            organizations(sql, part);
            // Who is no member yet applies to the organization of the unit.
            if let Part::Person(id) = part {
                sql.say(" OR unit_id = (SELECT unit_id FROM cadres WHERE deleted_at IS NULL AND id = ")
                    .bind(id)
                    .say(")");
            }
        }
        _ => {}
    }
}

/// ` IN (…)`: an organization with all below it, or those of which the person is a member.
fn organizations(sql: &mut Sql<'_>, part: Part) {
    match part {
        Part::Organization(id) => {
            sql.say(" IN (WITH RECURSIVE below (id) AS (SELECT id FROM party_organizations WHERE id = ").bind(id);
            sql.say(" UNION SELECT o.id FROM party_organizations AS o JOIN below AS b ON o.parent_id = b.id ");
            sql.say("WHERE o.deleted_at IS NULL) SELECT id FROM below)");
        }
        Part::Person(id) => {
            sql.say(
                " IN (SELECT party_organization_id FROM party_memberships WHERE deleted_at IS NULL AND cadre_id = ",
            );
            sql.bind(id).say(")");
        }
        Part::Unit(_) => drop(sql.say(" IN (NULL)")),
    }
}

/// ` IN (…)`: the members of an organization and of all below it.
fn members(sql: &mut Sql<'_>, part: Part) {
    sql.say(" IN (SELECT cadre_id FROM party_memberships WHERE deleted_at IS NULL AND status IN ");
    sql.say("('probationary', 'full', 'suspended') AND party_organization_id");
    organizations(sql, part);
    sql.say(")");
}
