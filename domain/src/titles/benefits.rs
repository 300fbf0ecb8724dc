//! Fields of standards and care.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] =
    &[("benefit-standards", &[("kind", "待遇标准类别"), ("amount", "标准金额"), ("rate", "标准系数")])];
