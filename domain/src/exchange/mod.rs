//! Records as rows of a table that people write: columns with Chinese headers, codes by their labels, dates as offices
//! write them. What is exported so can be imported again.
//!
//! * [`shape`]: what a field's cell holds. [`cell`]: a cell as a field's value, and the other way round.
//! * [`columns`]: which column of a file is which field.
pub mod cell;
pub mod columns;
pub mod shape;

pub use cell::{Cell, Shown, read, show};
pub use columns::{Column, Plan, Target};
pub use shape::Shape;
