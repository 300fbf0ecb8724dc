//! The Chinese names of the fields, as headers of tables have them: one file a module.
//!
//! A field is looked for under its resource first, then among the names that mean the same everywhere. One that has
//! none shows its own name; a test names those.
mod activities;
mod administration;
mod benefits;
mod cadres;
mod care;
mod common;
mod education;
mod honors;
mod party;
mod publicity;
mod reference;
mod service;
mod staff;

/// Fields of one resource, or of all, with their names.
type Titles = &'static [(&'static str, &'static str)];

/// The resources with names of their own.
const MODULES: &[&[(&str, Titles)]] = &[
    reference::TITLES,
    cadres::TITLES,
    party::TITLES,
    honors::TITLES,
    benefits::TITLES,
    care::TITLES,
    activities::TITLES,
    service::TITLES,
    education::TITLES,
    publicity::TITLES,
    staff::TITLES,
    administration::TITLES,
];

/// The Chinese name of a field of the resource at `path`.
pub fn title(path: &str, field: &str) -> Option<&'static str> {
    let own = MODULES.iter().flat_map(|module| module.iter()).filter(|(p, _)| *p == path).map(|(_, titles)| *titles);
    own.chain([common::TITLES]).find_map(|titles| titles.iter().find(|(name, _)| *name == field)).map(|(_, zh)| *zh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resource;
    use crate::exchange::columns::columns;
    use crate::spec::Spec;
    use std::collections::HashSet;

    fn untitled<R: Resource>(missing: &mut Vec<String>) {
        let fields = &Spec::of::<R>().fields;
        missing.extend(
            fields.iter().filter(|f| title(R::PATH, &f.name).is_none()).map(|f| format!("{}: {}", R::PATH, f.name)),
        );
        let mut seen = HashSet::new();
        for column in columns(R::PATH, Spec::of::<R>()) {
            assert!(seen.insert(column.title.clone()), "{}: two columns are called {}", R::PATH, column.title);
        }
    }

    #[test]
    fn every_field_has_a_name_of_its_own() {
        let mut missing = vec![];
        macro_rules! check { ($($r:ty),+ $(,)?) => { $(untitled::<$r>(&mut missing);)+ }; }
        crate::for_each_resource!(check);
        assert!(missing.is_empty(), "fields without a Chinese name in titles/: {missing:#?}");
    }

    #[test]
    fn no_name_is_given_to_what_is_not_there() {
        let mut known = HashSet::new();
        macro_rules! all {
            ($($r:ty),+ $(,)?) => { $(known.extend(Spec::of::<$r>().fields.iter().map(|f| (<$r>::PATH, f.name.as_str())));)+ };
        }
        crate::for_each_resource!(all);
        for (path, titles) in MODULES.iter().flat_map(|m| m.iter()) {
            for (field, _) in *titles {
                assert!(known.contains(&(path, field)), "{path} has no field {field}");
            }
        }
    }
}
