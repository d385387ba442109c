//! How the members are: who is connected, who lags and by how much, who went quiet.

mod member_state;
pub mod member_table;

pub use member_state::{Observed, judge};
