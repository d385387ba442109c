//! The province's pages of rankings: periods, scores, the rows behind them, schemes, the calendar, people; and what
//! is published.

pub(super) mod asked;
pub(super) mod calendar;
pub(super) mod evidence;
pub(super) mod files;
pub(super) mod people;
pub(super) mod period;
pub(super) mod periods;
pub(super) mod public;
pub(super) mod schemes;
pub(super) mod sheet;
