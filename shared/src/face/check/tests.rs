use super::*;
use crate::log::Digest;

fn step(label: &str, target: Target) -> MenuEntry {
    MenuEntry {
        label: label.to_owned(),
        target,
    }
}

fn link(label: &str, address: &str) -> WebLink {
    WebLink {
        group: String::new(),
        label: label.to_owned(),
        address: address.to_owned(),
    }
}

fn hotline(label: &str, phone: &str) -> Hotline {
    Hotline {
        label: label.to_owned(),
        phone: phone.to_owned(),
    }
}

fn banner(alt: &str, link: Option<&str>) -> Banner {
    Banner {
        picture: Digest::of(b"anh"),
        alt: alt.to_owned(),
        link: link.map(str::to_owned),
        until: None,
    }
}

/// The fields that are to be mended.
fn wrong(face: Face) -> Vec<String> {
    match face.checked() {
        Ok(_) => Vec::new(),
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_site_that_chose_nothing_is_in_order() {
    assert!(wrong(Face::default()).is_empty());
}

#[test]
fn an_address_leads_to_a_page_of_readers_or_elsewhere_by_https() {
    for (address, is_one) in [
        ("/", true),
        ("/tin-tuc?nguon=don-vi-khac", true),
        ("/trang/so-do-0199", true),
        ("https://dichvucong.gov.vn/", true),
        ("https://a.example/x?y=1#z", true),
        ("", false),
        ("tin-tuc", false),
        ("//a.example", false),
        ("/\\a.example", false),
        ("/quan-tri", false),
        ("/quan-tri/bai-viet", false),
        ("/tin tuc", false),
        ("http://a.example/", false),
        ("javascript:alert(1)", false),
        ("https://dichvucong.gov.vn@a.example/", false),
        ("https://a.example/ x", false),
        ("https://", false),
    ] {
        assert_eq!(is_address(address), is_one, "{address}");
    }
    assert!(!is_outside("/tin-tuc"));
    assert!(!is_address(&format!("/{}", "a".repeat(500))));
}

#[test]
fn a_number_is_dialled_as_it_is_written() {
    for (phone, is_one) in [
        ("113", true),
        ("0260 3824 000", true),
        ("+84 (260) 3824-000", true),
        ("1900.1234", true),
        ("12", false),
        ("", false),
        ("0260 3824 000 máy lẻ 2", false),
        ("1234567890123456", false),
        ("tel:113", false),
    ] {
        assert_eq!(is_phone(phone), is_one, "{phone}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_row() {
    let face = Face {
        menu: vec![
            step("", Target::Section("tin-tuc".to_owned())),
            step("", Target::Address("/van-ban".to_owned())),
            step("", Target::Address("/trang/abc".to_owned())),
            step("Thuế", Target::Address("http://thue.example".to_owned())),
            step(&"a".repeat(41), Target::Address("/".to_owned())),
        ],
        banners: vec![
            banner("Lễ hội", Some("/tin-tuc")),
            banner("", Some("le-hoi")),
        ],
        links: vec![
            link("Dịch vụ công", "https://dichvucong.gov.vn/"),
            link("", "http://a.example"),
            link("Lần nữa", "https://dichvucong.gov.vn/"),
        ],
        hotlines: vec![hotline("Công an xã", "113"), hotline("", "một một ba")],
        ..Face::default()
    };
    assert_eq!(
        wrong(face),
        [
            "menu_label-3",
            "menu_address-4",
            "menu_label-5",
            "banner_alt-2",
            "banner_link-2",
            "link_label-2",
            "link_address-2",
            "link_address-3",
            "hotline_label-2",
            "hotline_phone-2",
        ]
    );
}

#[test]
fn there_is_a_most_of_everything() {
    let section = |code: &str| Block::Section(code.to_owned());
    let cases = [
        (
            Face {
                menu: vec![step("", Target::Section("a".to_owned())); MOST_STEPS + 1],
                ..Face::default()
            },
            "menu",
        ),
        (
            Face {
                blocks: Vec::new(),
                ..Face::default()
            },
            "blocks",
        ),
        (
            Face {
                blocks: vec![Block::Newest, Block::Newest],
                ..Face::default()
            },
            "blocks",
        ),
        (
            Face {
                blocks: ["a", "b", "c", "d"].map(section).to_vec(),
                ..Face::default()
            },
            "blocks",
        ),
        (
            Face {
                banners: vec![banner("Lễ hội", None); MOST_BANNERS + 1],
                ..Face::default()
            },
            "banners",
        ),
        (
            Face {
                links: (0..=MOST_LINKS)
                    .map(|number| link("Trang", &format!("https://a.example/{number}")))
                    .collect(),
                ..Face::default()
            },
            "links",
        ),
        (
            Face {
                hotlines: vec![hotline("Công an", "113"); MOST_HOTLINES + 1],
                ..Face::default()
            },
            "hotlines",
        ),
    ];
    for (face, field) in cases {
        assert_eq!(wrong(face), [field]);
    }
}

#[test]
fn a_face_of_an_earlier_version_is_read_and_the_newest_comes_back_as_it_was() {
    let known: Face = serde_json::from_str("{\"palette\":\"lam\"}").expect("is read");
    assert_eq!(known.palette, super::super::Palette::Lam);
    assert_eq!(known.blocks, Block::USUAL);
    let face = Face {
        emblem: Some(Digest::of(b"huy hieu")),
        menu: vec![step("Tin", Target::Section("tin-tuc".to_owned()))],
        blocks: vec![Block::Newest, Block::Section("kinh-te".to_owned())],
        banners: vec![banner("Lễ hội", None)],
        ..Face::default()
    };
    let told = serde_json::to_string(&face).expect("is told");
    assert_eq!(
        serde_json::from_str::<Face>(&told).expect("is read"),
        face,
        "{told}"
    );
    let named: Vec<_> = face.sections().collect();
    assert_eq!(named, ["tin-tuc", "kinh-te"]);
}

#[test]
fn a_banner_ends_after_its_last_day() {
    let last = "2026-11-30".parse().expect("a day");
    let banner = Banner {
        until: Some(last),
        ..banner("Lễ hội", None)
    };
    assert!(banner.is_shown_on(last));
    assert!(!banner.is_shown_on(last + chrono::TimeDelta::days(1)));
}
