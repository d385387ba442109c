//! What keeps machines from filling the desk, without a puzzle for people: a field nobody sees, a form that takes
//! a moment to fill in, and a bound on how often one address sends. What still comes through is looked at by
//! people before anything of it is public.

use crate::server::one_client;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::net::IpAddr;
use std::num::NonZeroU32;
use uuid::Uuid;

/// Nobody reads and fills in a form faster.
const QUICKEST: TimeDelta = TimeDelta::seconds(2);
/// A form counts for a day: whoever writes for an hour loses nothing.
const LONGEST: TimeDelta = TimeDelta::days(1);
/// Forms from one address at once, and what is given back in an hour: the people at the desk of a town hall
/// share one.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(12).expect("is not zero");
const AN_HOUR: NonZeroU32 = NonZeroU32::new(30).expect("is not zero");
/// Receipts asked about, likewise: guessing is hopeless anyway, and asking costs a look at the database.
const LOOKS_AT_ONCE: NonZeroU32 = NonZeroU32::new(30).expect("is not zero");
const LOOKS_A_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("is not zero");

/// Addresses remembered before those that have their full share again are forgotten.
const MOST_REMEMBERED: usize = 1_000;

/// Keeps watch at the forms of one site.
pub struct Guard {
    secret: [u8; 64],
    sent: DefaultKeyedRateLimiter<IpAddr>,
    looks: DefaultKeyedRateLimiter<IpAddr>,
}

/// Why a form is not taken now. All of it passes: what was typed is kept on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// Filled in by a machine, or too old, or not made here.
    #[error(
        "Biểu mẫu vừa mở hoặc đã mở quá lâu. Nội dung còn nguyên bên dưới, xin bấm gửi lần nữa."
    )]
    Form,
    /// The address sends too often.
    #[error(
        "Địa chỉ mạng này đã gửi nhiều lần. Xin chờ một lát rồi bấm gửi lại; nội dung còn nguyên bên dưới."
    )]
    TooMany,
}

impl Guard {
    /// A guard that knows its own forms from all others. Those of an earlier run it does not: they are to be sent
    /// once more.
    pub fn new() -> anyhow::Result<Self> {
        let mut secret = [0; 64];
        getrandom::fill(&mut secret).context("hệ điều hành không cấp được số ngẫu nhiên")?;
        Ok(Self {
            secret,
            sent: RateLimiter::keyed(Quota::per_hour(AN_HOUR).allow_burst(AT_ONCE)),
            looks: RateLimiter::keyed(Quota::per_minute(LOOKS_A_MINUTE).allow_burst(LOOKS_AT_ONCE)),
        })
    }

    /// What a new form bears: when it was made, and the id of what is sent with it.
    pub fn form(&self, now: DateTime<Utc>) -> String {
        let mut token = now.timestamp_millis().to_be_bytes().to_vec();
        token.extend_from_slice(Uuid::now_v7().as_bytes());
        let tag = self.tag(&token);
        token.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The form that goes with what has to be mended: the one that came, if it was made here and counts still, so
    /// that whoever was quick only sends it again.
    pub fn form_again(&self, form: &str, now: DateTime<Utc>) -> String {
        match self.made(form) {
            Ok((made, _)) if (TimeDelta::zero()..LONGEST).contains(&(now - made)) => {
                form.to_owned()
            }
            _ => self.form(now),
        }
    }

    /// The id in a form that was made here and had time to be filled in.
    pub fn id(&self, form: &str, now: DateTime<Utc>) -> Result<Uuid, Held> {
        let (made, id) = self.made(form)?;
        match (QUICKEST..LONGEST).contains(&(now - made)) {
            true => Ok(id),
            false => Err(Held::Form),
        }
    }

    /// When a form of ours was made, and the id in it.
    fn made(&self, form: &str) -> Result<(DateTime<Utc>, Uuid), Held> {
        let token = URL_SAFE_NO_PAD.decode(form).map_err(|_| Held::Form)?;
        let (told, tag) = token.split_at_checked(24).ok_or(Held::Form)?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(
            self.tag(told).as_slice(),
            tag,
        )) {
            return Err(Held::Form);
        }
        let (made, id) = told.split_at(8);
        let made = i64::from_be_bytes(made.try_into().map_err(|_| Held::Form)?);
        let made = DateTime::from_timestamp_millis(made).ok_or(Held::Form)?;
        let id = Uuid::from_slice(id).map_err(|_| Held::Form)?;
        Ok((made, id))
    }

    /// Counts a form from `address`.
    pub fn admit(&self, address: Option<IpAddr>) -> Result<(), Held> {
        Self::count(&self.sent, address)
    }

    /// Counts a look at a case from `address`.
    pub fn admit_look(&self, address: Option<IpAddr>) -> Result<(), Held> {
        Self::count(&self.looks, address)
    }

    fn count(
        limiter: &DefaultKeyedRateLimiter<IpAddr>,
        address: Option<IpAddr>,
    ) -> Result<(), Held> {
        let Some(address) = address else {
            return Ok(());
        };
        // Who has its full share again need not be remembered; looking for them is not for every form.
        if limiter.len() > MOST_REMEMBERED {
            limiter.retain_recent();
        }
        limiter
            .check_key(&one_client(address))
            .map_err(|_| Held::TooMany)
    }

    fn tag(&self, told: &[u8]) -> Vec<u8> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&self.secret.into());
        mac.update(told);
        mac.finalize().into_bytes().to_vec()
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_counts_once_there_was_time_to_fill_it_in_and_for_a_day() {
        let guard = Guard::new().expect("randomness");
        let made = DateTime::from_timestamp_millis(1_795_386_793_000).expect("a time");
        let form = guard.form(made);
        for (later, counts) in [
            (TimeDelta::zero(), false),
            (TimeDelta::seconds(1), false),
            (TimeDelta::seconds(2), true),
            (TimeDelta::hours(23), true),
            (TimeDelta::hours(24), false),
            (TimeDelta::hours(-1), false),
        ] {
            assert_eq!(guard.id(&form, made + later).is_ok(), counts, "{later}");
        }
        let later = made + TimeDelta::minutes(1);
        assert_eq!(guard.id(&form, later), guard.id(&form, later));
        assert_ne!(guard.id(&guard.form(made), later), guard.id(&form, later));
        assert_eq!(guard.form_again(&form, made), form);
        assert_ne!(guard.form_again("abc", made), "abc");
        for strange in [
            "",
            "abc",
            &form[1..],
            &Guard::new().expect("randomness").form(made),
        ] {
            assert_eq!(guard.id(strange, later), Err(Held::Form), "{strange}");
        }
    }

    #[test]
    fn one_address_sends_so_often_and_no_other_pays_for_it() {
        let guard = Guard::new().expect("randomness");
        let [one, other]: [IpAddr; 2] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        let taken = (0..50).filter(|_| guard.admit(Some(one)).is_ok()).count();
        assert_eq!(taken, 12);
        assert_eq!(guard.admit(Some(other)), Ok(()));
    }
}
