//! Trang giới thiệu: a standing page, which somebody reads through from time to time.

use crate::newsroom::form::{self, Check, DraftForm};
use chrono::NaiveDate;

pub(super) fn read(form: &DraftForm, check: &mut Check) -> Option<NaiveDate> {
    check.date("reviewed_on", &form.reviewed_on)
}

pub(super) fn write(reviewed_on: Option<NaiveDate>, form: &mut DraftForm) {
    form.reviewed_on = reviewed_on.map(form::show_date).unwrap_or_default();
}
