//! What operations change, in tables: the seven units of Kon Rẫy that became three, a split, a new name, a new host,
//! and what is refused.

use super::operation::{Beginning, Ending, Kind, Operation};
use super::plan::{Leads, Plan, Refusal, Units, plan, value_on};
use chrono::NaiveDate;
use shared::directory::site_record::{self, Mode, State};
use shared::units::{Attribute, Name};
use uuid::Uuid;

const PROVINCE: u128 = 1;
const DISTRICT: u128 = 2;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The district and its seven units, each known by its code, as they were until 30/06/2025.
fn kon_ray() -> Units {
    let unit = |name: &str, kind: &str, code: &str, parent: Option<u128>| -> Vec<Attribute> {
        let mut own = vec![
            Attribute::always(Name::Name, name),
            Attribute::always(Name::Kind, kind),
            Attribute::always(Name::GsoCode, code),
        ];
        own.extend(parent.map(|above| Attribute::always(Name::Parent, id(above).to_string())));
        own
    };
    let mut units = Units::new();
    units.insert(id(PROVINCE), unit("tỉnh Quảng Ngãi", "tinh", "51", None));
    units.insert(
        id(DISTRICT),
        unit("huyện Kon Rẫy", "huyen", "614", Some(PROVINCE)),
    );
    for (code, name) in [
        (23479, "thị trấn Đăk Rve"),
        (23491, "xã Đăk Pne"),
        (23482, "xã Đăk Kôi"),
        (23485, "xã Đăk Tơ Lung"),
        (23488, "xã Đăk Ruồng"),
        (23494, "xã Đăk Tờ Re"),
        (23497, "xã Tân Lập"),
    ] {
        let kind = if code == 23479 { "thi_tran" } else { "xa" };
        units.insert(
            id(code),
            unit(name, kind, &code.to_string(), Some(DISTRICT)),
        );
    }
    units
}

fn site(unit: u128, host: &str) -> site_record::Model {
    site_record::Model {
        id: id(unit + 1_000_000),
        unit_id: id(unit),
        mode: Mode::Native.as_str().to_owned(),
        state: State::Active.as_str().to_owned(),
        base_url: format!("https://{host}"),
        title: format!("Trang của {host}"),
        described_at: 0,
    }
}

fn begins(unit: u128, name: &str, code: &str) -> Beginning {
    Beginning {
        unit: id(unit),
        name: Some(name.to_owned()),
        kind: Some("xa".to_owned()),
        gso_code: Some(code.to_owned()),
        parent: Some(id(PROVINCE)),
        base_url: None,
    }
}

fn ends(unit: u128, into: &[u128]) -> Ending {
    Ending {
        unit: id(unit),
        into: into.iter().copied().map(id).collect(),
        archive: None,
    }
}

const DAK_RVE: u128 = 71;
const DAK_KOI: u128 = 72;
const KON_BRAIH: u128 = 73;

/// Nghị quyết 1677/NQ-UBTVQH15.
fn seven_into_three() -> Operation {
    Operation {
        kind: Kind::Merge,
        effective_on: day("2025-07-01"),
        basis: "Nghị quyết 1677/NQ-UBTVQH15 ngày 16/06/2025".to_owned(),
        ends: vec![
            ends(23479, &[DAK_RVE]),
            ends(23491, &[DAK_RVE]),
            ends(23482, &[DAK_KOI]),
            ends(23485, &[DAK_KOI]),
            ends(23488, &[KON_BRAIH]),
            ends(23494, &[KON_BRAIH]),
            ends(23497, &[KON_BRAIH]),
            ends(DISTRICT, &[DAK_RVE, DAK_KOI, KON_BRAIH]),
        ],
        begins: vec![
            begins(DAK_RVE, "xã Đăk Rve", "23479"),
            begins(DAK_KOI, "xã Đăk Kôi", "23485"),
            begins(KON_BRAIH, "xã Kon Braih", "23497"),
        ],
    }
}

fn after(units: &Units, plan: &Plan) -> Units {
    let mut after = units.clone();
    for change in &plan.units {
        after.insert(change.unit, change.result.clone());
    }
    after
}

/// Who has a code on a day.
fn coded(units: &Units, code: &str, on: &str) -> Vec<String> {
    let on = day(on);
    let has = |own: &&Vec<Attribute>| value_on(own, Name::GsoCode, on) == Some(code);
    let name = |own: &Vec<Attribute>| value_on(own, Name::Name, on).unwrap_or("").to_owned();
    units.values().filter(has).map(name).collect()
}

#[test]
fn seven_units_of_kon_ray_become_three_and_codes_are_used_again() {
    let units = kon_ray();
    let sites = [
        site(23485, "daktolung.kontum.example"),
        site(DISTRICT, "konray.kontum.example"),
    ];
    let planned = plan(&seven_into_three(), &units, &sites).expect("a plan");
    assert_eq!(planned.units.len(), 11);
    let now = after(&units, &planned);
    for (code, before, since) in [
        ("23485", "xã Đăk Tơ Lung", "xã Đăk Kôi"),
        ("23497", "xã Tân Lập", "xã Kon Braih"),
        ("23479", "thị trấn Đăk Rve", "xã Đăk Rve"),
    ] {
        assert_eq!(coded(&now, code, "2025-06-30"), [before]);
        assert_eq!(coded(&now, code, "2025-07-01"), [since]);
    }
    assert!(coded(&now, "23482", "2025-07-01").is_empty(), "a code ends");
    let change = |unit: u128| {
        let found = planned.units.iter().find(|change| change.unit == id(unit));
        found.expect("it changes")
    };
    let tan_lap = change(23497);
    assert_eq!(tan_lap.before.as_deref(), Some("xã Tân Lập"));
    assert_eq!(tan_lap.after, None);
    assert!(
        tan_lap
            .closed
            .iter()
            .all(|one| one.valid_to == Some(day("2025-06-30")))
    );
    let opened = &tan_lap.opened[0];
    assert_eq!(
        (opened.name, opened.value.as_str(), opened.valid_from),
        (
            Name::MergedInto,
            id(KON_BRAIH).to_string().as_str(),
            Some(day("2025-07-01"))
        )
    );
    assert!(
        opened
            .basis
            .as_deref()
            .is_some_and(|basis| basis.contains("1677"))
    );
    assert_eq!(change(DISTRICT).opened.len(), 3, "one goes into many");
    assert_eq!(change(KON_BRAIH).before, None);
    assert_eq!(planned.handed_over.len(), 8);
    let leads = |host: &str| {
        let found = planned.redirects.iter().find(|one| one.host == host);
        found.map(|one| one.to.clone())
    };
    assert_eq!(
        leads("daktolung.kontum.example"),
        Some(Leads::FrontPage(id(DAK_KOI)))
    );
    // Three took over: its own front page says so.
    assert_eq!(leads("konray.kontum.example"), None);
    assert_eq!(planned.archives.len(), 2);
    // Whose the name of a portal was is written down, also where nobody had done so.
    let host = value_on(&change(23485).result, Name::Host, day("2025-06-30"));
    assert_eq!(host, Some("daktolung.kontum.example"));
    // The same again changes the same; anything else is another plan.
    let again = plan(&seven_into_three(), &units, &sites).expect("a plan");
    let mark = planned.mark(&seven_into_three()).expect("a mark");
    assert_eq!(again.mark(&seven_into_three()).ok().as_ref(), Some(&mark));
    let without = plan(&seven_into_three(), &units, &[]).expect("a plan");
    assert_ne!(without.mark(&seven_into_three()).ok(), Some(mark));
}

#[test]
fn a_unit_that_was_entered_as_of_the_day_takes_in_the_others() {
    let mut units = kon_ray();
    let mut own = Vec::new();
    for (name, value) in [
        (Name::Name, "xã Kon Braih"),
        (Name::Kind, "xa"),
        (Name::GsoCode, "23497"),
    ] {
        own.push(Attribute {
            valid_from: Some(day("2025-07-01")),
            ..Attribute::always(name, value)
        });
    }
    units.insert(id(KON_BRAIH), own);
    let operation = Operation {
        ends: vec![ends(23494, &[KON_BRAIH]), ends(23497, &[KON_BRAIH])],
        begins: Vec::new(),
        ..seven_into_three()
    };
    let planned = plan(&operation, &units, &[]).expect("a plan");
    assert_eq!(planned.units.len(), 2, "what is there stays as it is");
}

#[test]
fn tra_bong_is_split_renamed_and_moved() {
    let mut units = Units::new();
    let of = |name: &str| {
        vec![
            Attribute::always(Name::Name, name),
            Attribute::always(Name::Kind, "xa"),
            Attribute::always(Name::Parent, id(PROVINCE).to_string()),
        ]
    };
    units.insert(id(PROVINCE), of("tỉnh Quảng Ngãi")[..2].to_vec());
    units.insert(id(5), of("xã Trà Bùi"));
    units.insert(id(6), of("xã Sơn Tịnh"));
    let split = Operation {
        kind: Kind::Split,
        ends: vec![ends(5, &[8, 9])],
        begins: vec![
            begins(8, "xã Cà Đam", "21136"),
            begins(9, "xã Tây Trà Bồng", "21157"),
        ],
        ..seven_into_three()
    };
    let planned = plan(&split, &units, &[]).expect("a plan");
    let went = &planned.units[0].opened;
    assert!(went.iter().all(|one| one.name == Name::SplitInto));
    assert_eq!(went.len(), 2);
    assert_eq!(planned.handed_over[0].to, id(8), "the first takes over");

    let rename = Operation {
        kind: Kind::Rename,
        ends: Vec::new(),
        begins: vec![Beginning {
            unit: id(6),
            name: Some("xã Sơn Tịnh Đông".to_owned()),
            ..Beginning::default()
        }],
        ..seven_into_three()
    };
    let mut own = site(6, "sontinh.example");
    own.title = "Trang thông tin điện tử xã Sơn Tịnh".to_owned();
    let planned = plan(&rename, &units, std::slice::from_ref(&own)).expect("a plan");
    assert_eq!(
        planned.moves[0].title,
        "Trang thông tin điện tử xã Sơn Tịnh Đông"
    );
    assert!(planned.redirects.is_empty());
    let now = &planned.units[0].result;
    assert_eq!(
        value_on(now, Name::Name, day("2025-06-30")),
        Some("xã Sơn Tịnh")
    );
    assert_eq!(
        value_on(now, Name::ShortName, day("2025-07-01")),
        Some("Sơn Tịnh Đông")
    );

    let moved = Operation {
        kind: Kind::Move,
        begins: vec![Beginning {
            unit: id(6),
            base_url: Some("https://sontinh2.example".to_owned()),
            ..Beginning::default()
        }],
        ..rename
    };
    let planned = plan(&moved, &units, std::slice::from_ref(&own)).expect("a plan");
    let now = &planned.units[0].result;
    assert_eq!(
        value_on(now, Name::Host, day("2025-06-30")),
        Some("sontinh.example")
    );
    assert_eq!(
        value_on(now, Name::Host, day("2025-07-01")),
        Some("sontinh2.example")
    );
    assert_eq!(
        planned.redirects[0].to,
        Leads::SamePaths("https://sontinh2.example".to_owned())
    );
}

#[test]
fn a_namesake_takes_over_a_host_once_the_archive_has_another() {
    let mut units = kon_ray();
    units.insert(
        id(KON_BRAIH),
        vec![
            Attribute::always(Name::Name, "xã Kon Rẫy"),
            Attribute::always(Name::Kind, "xa"),
        ],
    );
    let sites = [
        site(23497, "konray.example"),
        site(KON_BRAIH, "konbraih.example"),
    ];
    let operation = |archive: Option<&str>, host: &str| Operation {
        ends: vec![Ending {
            archive: archive.map(str::to_owned),
            ..ends(23497, &[KON_BRAIH])
        }],
        begins: vec![Beginning {
            unit: id(KON_BRAIH),
            base_url: Some(format!("https://{host}")),
            ..Beginning::default()
        }],
        ..seven_into_three()
    };
    let refused = plan(&operation(None, "KONRAY.example"), &units, &sites);
    assert_eq!(
        refused,
        Err(Refusal::HostTaken("konray.example".to_owned()))
    );
    // Names that only fold alike are two.
    assert!(plan(&operation(None, "kon-ray.example"), &units, &sites).is_ok());
    let archive = Some("https://luu-tru-konray.example");
    let planned = plan(&operation(archive, "konray.example"), &units, &sites).expect("a plan");
    assert_eq!(planned.archives[0].at, "https://luu-tru-konray.example");
    assert_eq!(planned.moves[0].at, "https://konray.example");
    let same = Some("https://konray.example");
    assert!(plan(&operation(same, "konray.example"), &units, &sites).is_err());
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let units = kon_ray();
    let merged = after(
        &units,
        &plan(&seven_into_three(), &units, &[]).expect("a plan"),
    );
    let only = |ends: Vec<Ending>, begins: Vec<Beginning>| Operation {
        ends,
        begins,
        ..seven_into_three()
    };
    let braih = || begins(KON_BRAIH, "xã Kon Braih", "23497");
    let on = |operation: Operation, date: &str| Operation {
        effective_on: day(date),
        ..operation
    };
    let eve = day("2025-06-30");
    let cases: Vec<(&str, &Units, Operation, Refusal)> = vec![
        (
            "nobody knows it",
            &units,
            only(vec![ends(404, &[23497])], vec![]),
            Refusal::UnknownUnit(id(404)),
        ),
        (
            "nobody knows what it goes into",
            &units,
            only(vec![ends(23497, &[404])], vec![]),
            Refusal::UnknownUnit(id(404)),
        ),
        (
            "into itself",
            &units,
            only(vec![ends(23497, &[23497])], vec![]),
            Refusal::Cycle(id(23497)),
        ),
        (
            "round in a circle",
            &units,
            only(vec![ends(23497, &[23494]), ends(23494, &[23497])], vec![]),
            Refusal::Cycle(id(23497)),
        ),
        (
            "above itself",
            &units,
            only(
                vec![ends(23497, &[23494])],
                vec![Beginning {
                    unit: id(PROVINCE),
                    parent: Some(id(DISTRICT)),
                    ..Beginning::default()
                }],
            ),
            Refusal::Cycle(id(PROVINCE)),
        ),
        (
            "no more on that day",
            &merged,
            on(only(vec![ends(23494, &[DAK_RVE])], vec![]), "2026-01-01"),
            Refusal::AlreadyClosed(id(23494), eve),
        ),
        (
            "into one that is no more",
            &merged,
            on(only(vec![ends(DAK_RVE, &[23494])], vec![]), "2026-01-01"),
            Refusal::AlreadyClosed(id(23494), eve),
        ),
        (
            "before what was decided already",
            &merged,
            on(only(vec![ends(23494, &[23491])], vec![]), "2025-01-01"),
            Refusal::Overlaps(id(23494), day("2025-07-01")),
        ),
        (
            "on the very day something else was decided",
            &merged,
            only(
                vec![],
                vec![Beginning {
                    unit: id(KON_BRAIH),
                    name: Some("xã Tân Lập".to_owned()),
                    ..Beginning::default()
                }],
            ),
            Refusal::Empty(Kind::Merge),
        ),
        (
            "a district that leaves its communes behind",
            &units,
            only(vec![ends(DISTRICT, &[PROVINCE])], vec![]),
            Refusal::HasUnits(id(DISTRICT), id(23479)),
        ),
        (
            "a code that another still has",
            &units,
            only(vec![ends(23494, &[KON_BRAIH])], vec![braih()]),
            Refusal::CodeTaken("23497".to_owned(), id(23497)),
        ),
        (
            "new and nameless",
            &units,
            only(
                vec![ends(23494, &[KON_BRAIH])],
                vec![Beginning {
                    unit: id(KON_BRAIH),
                    ..Beginning::default()
                }],
            ),
            Refusal::Incomplete(id(KON_BRAIH)),
        ),
        (
            "into nothing",
            &units,
            only(vec![ends(23494, &[])], vec![]),
            Refusal::NoHeir(id(23494)),
        ),
        (
            "twice",
            &units,
            only(vec![ends(23494, &[23497]), ends(23494, &[23491])], vec![]),
            Refusal::Twice(id(23494)),
        ),
        (
            "a split into one",
            &units,
            Operation {
                kind: Kind::Split,
                ..only(vec![ends(23494, &[23497])], vec![])
            },
            Refusal::Empty(Kind::Split),
        ),
        (
            "without a legal act",
            &units,
            Operation {
                basis: " ".to_owned(),
                ..seven_into_three()
            },
            Refusal::NoBasis,
        ),
    ];
    for (what, units, operation, expected) in cases {
        let refused = plan(&operation, units, &[]);
        assert_eq!(refused.err(), Some(expected), "{what}");
    }
    let on_the_day = Operation {
        kind: Kind::Rename,
        ..only(
            vec![],
            vec![Beginning {
                unit: id(KON_BRAIH),
                name: Some("xã Tân Lập".to_owned()),
                ..Beginning::default()
            }],
        )
    };
    let refused = plan(&on_the_day, &merged, &[]);
    assert_eq!(
        refused.err(),
        Some(Refusal::Overlaps(id(KON_BRAIH), day("2025-07-01")))
    );
    let sites = [site(23488, "a.example"), site(23491, "b.example")];
    let moved = Operation {
        kind: Kind::Move,
        ..only(
            vec![],
            vec![Beginning {
                unit: id(23488),
                base_url: Some("https://b.example".to_owned()),
                ..Beginning::default()
            }],
        )
    };
    let refused = plan(&moved, &units, &sites);
    assert_eq!(
        refused.err(),
        Some(Refusal::HostTaken("b.example".to_owned()))
    );
}
