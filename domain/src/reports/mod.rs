//! The annual work report (年度工作报告): figures as data, how each is worded, and the report's sections.
//!
//! * [`selection`]: which records a figure counts, as data that the store turns into a question; [`people`]: those that
//!   several ask for.
//! * [`figure`]: what a figure is; [`definitions`]: all of them, in the order of the report.
//! * [`wording`]: how a number is said: 近200场, 3000余人, 103万人次.
//! * [`annual`]: the sections and sentences of the report.
pub mod annual;
mod care;
mod definitions;
mod education;
pub mod figure;
mod leading;
pub mod people;
mod political;
pub mod selection;
mod service;
pub mod wording;

pub use definitions::{FIGURES, all, find};
pub use figure::{Display, Figure, Measure, Qualifier, Section, Unit, Value};
pub use selection::{Cond, Moment, People, Selection, When};
