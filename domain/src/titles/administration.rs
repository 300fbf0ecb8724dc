//! Fields of users.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] =
    &[("users", &[("username", "用户名"), ("display_name", "显示名称"), ("disabled", "已停用")])];
