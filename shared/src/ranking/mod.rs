//! What the province tells a member of how it is ranked, and what the member says to that.
//!
//! Who counts and ranks is the hub; here is what both sides share. The numbers of a member come as a letter, whole in
//! each version ([`sheet`]), and the highest version counts ([`told`]). People at the member score themselves and
//! object by letters of their own ([`said`]); what becomes of that comes with the next version of the numbers. What a
//! number was counted from is asked for when it is looked at ([`rows`]).

pub mod letter;
pub mod points;
pub mod rows;
pub mod said;
pub mod sheet;
pub mod told;

pub use letter::Letter;
pub use points::Points;
pub use said::Said;
pub use sheet::Sheet;

#[cfg(test)]
pub(crate) mod tests;
