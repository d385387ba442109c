use super::*;

fn typed(fields: &[(&str, &str)]) -> Typed {
    let mut typed = Typed {
        palette: "son".to_owned(),
        blocks: block_rows(&Block::USUAL),
        ..Typed::default()
    };
    for (name, value) in fields {
        typed.put(name, value);
    }
    typed.drop_blank();
    typed
}

fn wrong(typed: &Typed) -> Vec<String> {
    match typed.read() {
        Ok(_) => Vec::new(),
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_face_is_typed_and_read_as_it_was() {
    let face = Face {
        emblem: Some(Digest::of(b"huy hieu")),
        palette: Palette::Bien,
        menu: vec![
            MenuEntry {
                label: "Tin xã".to_owned(),
                target: Target::Section("tin-tuc".to_owned()),
            },
            MenuEntry {
                label: String::new(),
                target: Target::Address("/van-ban".to_owned()),
            },
            MenuEntry {
                label: "Dịch vụ công".to_owned(),
                target: Target::Address("https://dichvucong.gov.vn/".to_owned()),
            },
        ],
        blocks: vec![Block::Newest, Block::Section("kinh-te".to_owned())],
        banners: vec![Banner {
            picture: Digest::of(b"bang"),
            alt: "Lễ hội".to_owned(),
            link: None,
            until: "2026-12-31".parse().ok(),
        }],
        links: vec![WebLink {
            group: "Trung ương".to_owned(),
            label: "Chính phủ".to_owned(),
            address: "https://chinhphu.vn/".to_owned(),
        }],
        hotlines: vec![Hotline {
            label: "Công an xã".to_owned(),
            phone: "113".to_owned(),
        }],
    };
    let typed = Typed::of(&face, 7);
    assert_eq!(typed.revision, 7);
    assert_eq!(typed.read().expect("is in order"), face);
    assert_eq!(typed.blocks.len(), 2 + Block::SINGLE.len() - 1);
}

#[test]
fn what_a_form_sends_becomes_rows_and_blank_rows_are_forgotten() {
    let typed = typed(&[
        ("menu_label", " Tin "),
        ("menu_target", "muc:tin-tuc"),
        ("menu_address", ""),
        ("menu_label", ""),
        ("menu_target", ""),
        ("menu_address", ""),
        ("hotline_label", ""),
        ("hotline_phone", ""),
        ("hotline_label", "Cấp cứu"),
        ("hotline_phone", "115"),
        ("revision", "x"),
        ("la", "x"),
    ]);
    let face = typed.read().expect("is in order");
    assert_eq!(face.menu.len(), 1);
    assert_eq!(face.menu[0].label, "Tin");
    assert_eq!(face.hotlines[0].phone, "115");
    assert_eq!(typed.revision, u64::MAX, "no revision there is");
}

#[test]
fn what_is_typed_wrong_is_named_as_the_form_names_it() {
    for (fields, expected) in [
        (&[("palette", "hong")][..], "palette"),
        (&[("banner", ""), ("banner_alt", "Lễ hội")], "banner_file-1"),
        (
            &[
                ("banner", &Digest::of(b"bang").hex()),
                ("banner_alt", "Lễ hội"),
                ("banner_until", "31/12"),
            ],
            "banner_until-1",
        ),
        (
            &[("block", "section"), ("block_on", "1")],
            "block_section-9",
        ),
        (&[("link_label", "Chính phủ")], "link_address-1"),
    ] {
        assert_eq!(wrong(&typed(fields)), [expected], "{fields:?}");
    }
}

#[test]
fn buttons_are_read_and_nothing_else_is() {
    for (name, act) in [
        ("save", Some(Act::Save)),
        ("undo", Some(Act::Undo)),
        ("fill:menu", Some(Act::FillMenu)),
        ("add:links", Some(Act::Add(Part::Links))),
        ("up:menu:2", Some(Act::Up(Part::Menu, 1))),
        ("down:blocks:1", Some(Act::Down(Part::Blocks, 0))),
        ("drop:banners:3", Some(Act::Drop(Part::Banners, 2))),
        ("up:menu:0", None),
        ("up:menu", None),
        ("up:la:1", None),
        ("", None),
    ] {
        assert_eq!(Act::parse(name), act, "{name}");
    }
}

#[test]
fn rows_move_and_stay_within_their_list() {
    let (shown, tree) = (Shown::default(), section::Tree::default());
    let mut typed = typed(&[
        ("hotline_label", "một"),
        ("hotline_label", "hai"),
        ("hotline_label", "ba"),
    ]);
    let order = |typed: &Typed| {
        let labels = typed.hotlines.iter().map(|row| row.label.clone());
        labels.collect::<Vec<_>>().join(" ")
    };
    for (act, expected) in [
        (Act::Up(Part::Hotlines, 2), "một ba hai"),
        (Act::Up(Part::Hotlines, 0), "một ba hai"),
        (Act::Down(Part::Hotlines, 2), "một ba hai"),
        (Act::Down(Part::Hotlines, 0), "ba một hai"),
        (Act::Drop(Part::Hotlines, 9), "ba một hai"),
        (Act::Drop(Part::Hotlines, 1), "ba hai"),
        (Act::Add(Part::Hotlines), "ba hai "),
    ] {
        typed.arrange(act, &shown, &tree);
        assert_eq!(order(&typed), expected, "{act:?}");
    }
}
