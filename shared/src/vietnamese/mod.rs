//! Vietnamese text, numbers and dates as people write and search them.

mod dates;
mod fold;
mod marks;
mod number;

pub use dates::{ago, date, date_time, from_local, local, long_date, parse_local};
pub use fold::{fold, nfc, slug};
pub use marks::marked_words;
pub use number::{bytes, grouped};
