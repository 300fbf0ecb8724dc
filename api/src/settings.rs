//! Groups of settings that have defaults: one line each makes the option, the variable and the line of the file.

/// Two structures: the settings as they are in force, and as somebody has given them.
macro_rules! settings {
    (
        $(#[doc = $about:literal])+ $whole:ident;
        $(#[doc = $of_given:literal])+ $given:ident;
        $($(#[doc = $doc:literal])+ $name:ident: $t:ty = $default:expr, $env:literal, $long:literal;)+
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $whole { $($(#[doc = $doc])+ pub $name: $t),+ }
        $(#[doc = $of_given])+
        #[derive(Debug, Clone, Default, serde::Deserialize, clap::Args)]
        #[serde(deny_unknown_fields, default)]
        pub struct $given {
            $($(#[doc = $doc])+ #[arg(long = $long, env = $env, global = true, hide_short_help = true)] pub $name: Option<$t>),+
        }
        impl $whole {
            /// What the command line or environment says, else the file, else the default.
            pub fn of(options: &$given, file: &$given) -> Self {
                Self { $($name: options.$name.clone().or_else(|| file.$name.clone()).unwrap_or($default)),+ }
            }
        }
    };
}
pub(crate) use settings;
