use super::cover::{Place, Through};
use super::*;
use crate::directory::description::KeyDescription;
use crate::log::keys::SigningKey;
use chrono::TimeZone;

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0)
        .single()
        .expect("a time")
}

fn millis(hours: i64) -> i64 {
    (noon() + TimeDelta::hours(hours)).timestamp_millis()
}

const LOG: Uuid = Uuid::from_u128(1);
const OTHER_LOG: Uuid = Uuid::from_u128(2);

fn key(purpose: Purpose) -> KnownKey {
    KnownKey {
        site_id: Uuid::from_u128(9),
        public: SigningKey::from_seed(&[7; 32]).public_key(),
        purpose,
        valid_from: millis(-24),
        valid_to: None,
        revoked_at: None,
        cover: Cover::default(),
    }
}

/// Revoked an hour ago; believed up to place 5 of one log, and at place 9.
fn revoked(purpose: Purpose) -> KnownKey {
    let cut = Cut {
        since: millis(-3),
        judged_at: millis(-1),
        logs: vec![Through { log: LOG, seq: 5 }],
        released: vec![Place { log: LOG, seq: 9 }],
    };
    KnownKey {
        revoked_at: Some(millis(-1)),
        cover: Cover::from(&cut),
        ..key(purpose)
    }
}

#[test]
fn which_key_counts_for_what() {
    let retiring = KnownKey {
        valid_to: Some(millis(1)),
        ..key(Purpose::Site)
    };
    let retired = KnownKey {
        valid_to: Some(millis(-1)),
        ..key(Purpose::Site)
    };
    let coming = KnownKey {
        valid_from: millis(1),
        ..key(Purpose::Site)
    };
    let clocks_apart = KnownKey {
        valid_from: (noon() + TimeDelta::minutes(4)).timestamp_millis(),
        ..key(Purpose::Site)
    };
    // Whether it signs requests; whether it proves events 5, 6 and 9 of a log and 1 of another.
    let cases = [
        (
            "in use",
            key(Purpose::Site),
            Standing::Valid,
            true,
            [true; 4],
        ),
        (
            "replaced, overlap",
            retiring,
            Standing::Valid,
            true,
            [true; 4],
        ),
        (
            "replaced, overlap over",
            retired,
            Standing::Retired,
            false,
            [true; 4],
        ),
        ("of tomorrow", coming, Standing::Coming, false, [true; 4]),
        (
            "new, and our clock is behind",
            clocks_apart,
            Standing::Valid,
            true,
            [true; 4],
        ),
        (
            "revoked",
            revoked(Purpose::Site),
            Standing::Revoked,
            false,
            [true, false, true, false],
        ),
        (
            "emergency",
            key(Purpose::Emergency),
            Standing::Valid,
            false,
            // What it may say is looked at where the content is: only who its own site is.
            [true; 4],
        ),
        (
            "emergency, revoked",
            revoked(Purpose::Emergency),
            Standing::Revoked,
            false,
            [true, false, true, false],
        ),
        (
            "of a later version",
            key(Purpose::Unknown),
            Standing::Valid,
            false,
            [false; 4],
        ),
    ];
    for (story, key, standing, speaks, proves) in cases {
        assert_eq!(key.standing(noon()), standing, "{story}");
        assert_eq!(key.speaks_at(noon()), speaks, "{story}");
        let places = [(LOG, 5), (LOG, 6), (LOG, 9), (OTHER_LOG, 1)];
        assert_eq!(
            places.map(|(log, seq)| key.proves(log, seq)),
            proves,
            "{story}"
        );
    }
}

#[test]
fn an_older_description_does_not_bring_a_revoked_key_back() {
    let signing = SigningKey::from_seed(&[7; 32]);
    let described = |revoked_at, cut| SiteDescription {
        site: Uuid::from_u128(9),
        mode: Mode::Native,
        state: State::Active,
        base_url: "https://konbraih.quangngai.example".to_owned(),
        title: "xã Kon Braih".to_owned(),
        unit: description::UnitDescription {
            id: Uuid::from_u128(8),
            attributes: Vec::new(),
        },
        keys: vec![KeyDescription {
            revoked_at,
            cut,
            ..KeyDescription::in_use(signing.public_key(), 0)
        }],
        heirs: Vec::new(),
        lists: None,
    };
    let mut directory = Directory::default();
    directory.learn(&described(Some(millis(-1)), Some(Cut::default())));
    directory.learn(&described(None, None));
    let known = directory.key(&signing.id()).expect("known");
    assert_eq!(known.standing(noon()), Standing::Revoked);

    let mut claimed = described(None, None);
    claimed.site = Uuid::from_u128(10);
    directory.learn(&claimed);
    let known = directory.key(&signing.id()).expect("known");
    assert_eq!(
        known.site_id,
        Uuid::from_u128(9),
        "a key never changes hands"
    );
}

#[test]
fn a_description_without_the_new_members_is_read_as_before() {
    let signing = SigningKey::from_seed(&[7; 32]);
    let old = serde_json::json!({ "key": signing.public_key(), "valid_from": 5 });
    let read: KeyDescription = serde_json::from_value(old.clone()).expect("reads");
    assert_eq!(read, KeyDescription::in_use(signing.public_key(), 5));
    assert_eq!(serde_json::to_value(&read).expect("JSON"), old);
    let later = serde_json::json!({ "key": signing.public_key(), "valid_from": 5, "purpose": "x" });
    let read: KeyDescription = serde_json::from_value(later).expect("reads");
    assert_eq!(read.purpose, Purpose::Unknown);
}
