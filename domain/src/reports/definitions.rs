//! All figures, in the order of their numbers.
use super::figure::Figure;
use super::{care, education, leading, political, service};

/// Every figure of the report.
pub const FIGURES: &[&[Figure]] =
    &[political::FIGURES, leading::FIGURES, service::FIGURES, care::FIGURES, education::FIGURES];

/// All of them by their numbers.
pub fn all() -> Vec<&'static Figure> {
    let mut all: Vec<&Figure> = FIGURES.iter().flat_map(|part| part.iter()).collect();
    all.sort_by_key(|f| f.id);
    all
}

/// The figure with this id.
pub fn find(id: &str) -> Option<&'static Figure> {
    FIGURES.iter().flat_map(|part| part.iter()).find(|f| f.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PATHS;
    use crate::reports::selection::{Cond, Selection};

    fn sound(selection: &Selection) {
        assert!(PATHS.contains(&selection.of), "{}", selection.of);
        for cond in selection.that {
            match cond {
                Cond::Among(_, other, _)
                | Cond::Has(_, other, _)
                | Cond::Most(_, other, _)
                | Cond::MostCounty(other) => sound(other),
                _ => {}
            }
        }
    }

    #[test]
    fn there_are_41_figures_each_with_a_name_and_records_that_exist() {
        let all = all();
        let ids: Vec<String> = (1..=41).map(|n| format!("F{n:02}")).collect();
        assert_eq!(all.iter().map(|f| f.id).collect::<Vec<_>>(), ids);
        for figure in all {
            assert!(figure.text.0.chars().any(|c| c > '\u{4e00}') && figure.text.1.is_ascii(), "{}", figure.id);
            figure.measure.selection().map(sound).unwrap_or_default();
        }
    }
}
