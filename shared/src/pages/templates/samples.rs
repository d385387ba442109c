//! Every page filled with plausible contents, to be rendered and looked at.
//!
//! Real names of units, invented people and events, hosts that do not exist.

use super::*;
use crate::media::Focus;
use crate::pages::kind_parts::{
    AlbumPicture, Appointment, Day, Kinship, Part, Poll, PollLine, Question, Relative, Results,
    Video, Week,
};
use crate::pages::language::Language;
use crate::pages::view::*;
use std::cell::Cell;

thread_local! {
    /// What the interface of the pages speaks.
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::Vietnamese) };
}

/// Every page as readers of `language` see it.
pub(crate) fn drawn_in(language: Language) -> Vec<(&'static str, String)> {
    LANGUAGE.set(language);
    let pages = rendered();
    LANGUAGE.set(Language::default());
    pages
}

/// Every page, with a name for each.
pub(crate) fn rendered() -> Vec<(&'static str, String)> {
    let mut pages = super::account_samples::rendered();
    pages.extend(super::bulletin_samples::rendered());
    pages.extend(super::citizen_samples::rendered());
    pages.extend(super::royalty_samples::rendered());
    pages.extend(super::ranking_samples::rendered());
    pages.extend(super::reorganisation_samples::rendered());
    pages.extend([
        ("trang-chu-tinh", html(front_page_of_hub())),
        ("trang-chu-xa", html(front_page_of_member())),
        ("trang-chu-trong", html(empty_front_page())),
        ("chuyen-muc", html(section())),
        ("chuyen-muc-van-ban", html(section_of_documents())),
        ("bai-viet", html(article())),
        ("thong-bao", html(notice())),
        ("album", html(album())),
        ("video", html(video())),
        ("lich-cong-tac", html(calendar())),
        ("du-thao", html(consultations())),
        ("binh-chon", html(poll())),
        ("hoi-dap", html(questions())),
        ("hoi-dap-trong", html(no_questions())),
        ("hoi-dap-mot", html(question())),
        ("van-ban-loc", html(documents_page())),
        ("thu-vien", html(gallery())),
        ("gioi-thieu", html(about())),
        ("quan-tri-danh-muc", html(lists())),
        ("quan-tri-tu-nhan", html(auto_take())),
        ("van-ban", html(document())),
        ("tim-kiem", html(search())),
        ("tim-kiem-trong", html(search_without_results())),
        ("da-go", html(recalled())),
        ("loi-404", html(error(404))),
        ("loi-429", html(error(429))),
        ("loi-500", html(bare_error())),
        ("xac-minh", html(verify_form())),
        ("xac-minh-loi", html(verify_form_with_problem())),
        ("xac-minh-dung", html(verified())),
        ("xac-minh-sai", html(verified_changed())),
        ("xac-minh-thu-hoi", html(verified_recalled())),
        ("hien-thi", html(display())),
        ("ngoai-tuyen", html(offline())),
        ("don-vi", html(units())),
        ("bai-viet-tuong-phan", html(in_contrast(article()))),
        ("quan-tri-dang-nhap", html(sign_in())),
        ("quan-tri-khoi-tao", html(set_up())),
        ("quan-tri", html(dashboard())),
        ("quan-tri-bai-viet", html(entries())),
        ("quan-tri-thu-vien", html(library())),
        ("quan-tri-thu-vien-mot", html(library_item())),
        ("quan-tri-soan", html(entry_form())),
        ("quan-tri-soan-loi", html(entry_form_with_errors())),
        ("quan-tri-dang", html(release())),
        ("quan-tri-chi-tieu", html(quota())),
        ("quan-tri-giao-dien", html(face())),
        ("quan-tri-nguoi-doc", html(readers_say())),
        ("quan-tri-lich-su", html(history())),
        ("quan-tri-so-sanh", html(compare())),
        ("quan-tri-ghi-chu", html(notes())),
        ("quan-tri-hau-kiem", html(post_checks())),
        ("quan-tri-go", html(confirm_withdraw())),
        ("quan-tri-hop-den", html(inbox())),
        ("quan-tri-hop-den-mot", html(inbox_item())),
        ("quan-tri-da-gui", html(sent())),
        ("quan-tri-loi", html(desk_error())),
        ("quan-tri-don-vi", html(members())),
        ("quan-tri-mot-don-vi", html(member())),
        ("quan-tri-don-vi-moi", html(enrol())),
        ("quan-tri-don-vi-ma", html(enrolled())),
        ("quan-tri-canh-bao", html(alerts())),
        ("quan-tri-canh-bao-noi-nhan", html(alert_recipients())),
        (
            "quan-tri-canh-bao-noi-nhan-moi",
            html(alert_recipient_form()),
        ),
        ("quan-tri-tuyen-tin", html(routes())),
        ("quan-tri-tuyen-tin-moi", html(route_form())),
        ("quan-tri-tu-choi", html(refused())),
        ("quan-tri-sang-loc", html(screening())),
        ("quan-tri-khoa", html(keys())),
        ("quan-tri-nhat-ky", html(audit())),
        ("quan-tri-nhat-ky-don-vi", html(audit_heads())),
        ("quan-tri-cach-ly", html(quarantine())),
        ("quan-tri-thu-hoi", html(recalls())),
        ("quan-tri-thu-hoi-mot", html(recall_of_one())),
        ("quan-tri-thu-hoi-moi", html(recall_form())),
        ("quan-tri-thu-hoi-tim", html(recall_search())),
    ]);
    pages
}

pub(super) fn html(page: impl askama::Template) -> String {
    let drawn = page.render_with_values(&LANGUAGE.get());
    drawn.expect("a page with these contents renders")
}

pub(super) fn at(iso: &str, text: &str) -> Stamp {
    Stamp {
        iso: iso.to_owned(),
        text: text.to_owned(),
    }
}

fn picture(number: u8, alt: &str) -> Picture {
    Picture {
        src: format!("/media/sha256/{number:064x}"),
        width: 960,
        height: 600,
        alt: alt.to_owned(),
        ..Picture::default()
    }
}

fn from(unit: &str) -> Option<Origin> {
    Some(Origin {
        unit: unit.to_owned(),
        url: Some("https://mangden.quangngai.example/bai-viet/mua-lu-0192f1".to_owned()),
    })
}

// ---------------------------------------------------------------- frames

pub(super) fn member_site() -> SiteFace {
    SiteFace {
        name: "Trang thông tin điện tử xã Kon Braih".into(),
        owner: "Ủy ban nhân dân xã Kon Braih".into(),
        emblem: None,
        responsible: "Ông A Mẫu, Phó Chủ tịch Ủy ban nhân dân xã".into(),
        address: "Thôn 6, xã Kon Braih, tỉnh Quảng Ngãi".into(),
        phone: "0260 3824 000".into(),
        phone_link: "+842603824000".into(),
        email: "ubnd@konbraih.quangngai.example".into(),
        parent: Some(Link::new(
            "Cổng thông tin điện tử tỉnh Quảng Ngãi",
            "https://quangngai.example/",
        )),
        demo: true,
        palette: crate::face::Palette::Bien,
        hotlines: vec![CallLine {
            label: "Phòng, chống thiên tai".into(),
            phone: "0260 3824 113".into(),
            phone_link: "+842603824113".into(),
        }],
    }
}

fn hub_site() -> SiteFace {
    SiteFace {
        name: "Cổng thông tin điện tử tỉnh Quảng Ngãi".into(),
        owner: "Ủy ban nhân dân tỉnh Quảng Ngãi".into(),
        responsible: "Bà Nguyễn Thị Ví, Trưởng ban biên tập".into(),
        address: "52 đường Hùng Vương, phường Cẩm Thành, tỉnh Quảng Ngãi".into(),
        phone: "0255 3822 000".into(),
        phone_link: "+842553822000".into(),
        email: "bbt@quangngai.example".into(),
        parent: None,
        palette: crate::face::Palette::Son,
        hotlines: Vec::new(),
        ..member_site()
    }
}

pub(super) fn frame(site: SiteFace, title: &str, path: &str) -> Frame {
    let sections = [
        ("Giới thiệu", "/trang/gioi-thieu"),
        ("Tin tức", "/tin-tuc"),
        ("Chỉ đạo, điều hành", "/chuyen-muc/chi-dao-dieu-hanh"),
        ("Văn bản", "/chuyen-muc/van-ban"),
        ("Thông báo", "/chuyen-muc/thong-bao"),
        ("Công khai", "/chuyen-muc/cong-khai"),
        ("Thủ tục hành chính", "/chuyen-muc/thu-tuc-hanh-chinh"),
    ];
    Frame {
        assets: "/tai-nguyen/mau".into(),
        site,
        head: Head {
            title: title.into(),
            description: Some("Tin tức, văn bản và thông báo của xã.".into()),
            canonical: Some(format!("https://konbraih.quangngai.example{path}")),
            ..Head::default()
        },
        display: Display {
            language: LANGUAGE.get(),
            ..Display::default()
        },
        menu: sections
            .iter()
            .map(|(label, url)| MenuItem {
                label: (*label).into(),
                url: (*url).into(),
                current: *url == "/tin-tuc" && !title.is_empty(),
            })
            .collect(),
        breadcrumb: vec![Link::new("Trang chủ", "/")],
        here: title.into(),
        path: path.into(),
        today: LANGUAGE.get().long_date(crate::testing::noon()),
        query: String::new(),
        stand_in: None,
        closed: None,
        archives: Vec::new(),
        is_preview: false,
        bulletins: Vec::new(),
        urgent: None,
        views: Some(ViewsLine {
            today: "1.250".into(),
            month: "32.480".into(),
            year: "301.227".into(),
            total: "1.512.004".into(),
            as_of: at("2026-11-23T14:00:00+07:00", "23/11/2026 14:00"),
        }),
    }
}

pub(super) fn desk(title: &str, current: &str, hub: bool) -> Desk {
    use DeskGroup::{Members, Province, Site, Writing};
    let mut items = vec![
        (Writing, "Bàn làm việc", "/quan-tri", "layout-dashboard", 0),
        (Writing, "Tin, bài", "/quan-tri/bai-viet", "news", 0),
        (Writing, "Hộp đến", "/quan-tri/hop-den", "inbox", 4),
    ];
    if hub {
        items.push((
            Members,
            "Đơn vị",
            "/quan-tri/don-vi",
            "building-community",
            2,
        ));
        items.push((Members, "Tuyến tin", "/quan-tri/tuyen-tin", "route", 0));
        items.push((
            Site,
            "Bị từ chối",
            "/quan-tri/tu-choi",
            "shield-exclamation",
            3,
        ));
    } else {
        items.push((Province, "Đã gửi lên tỉnh", "/quan-tri/da-gui", "send", 1));
    }
    Desk {
        assets: "/tai-nguyen/mau".into(),
        site: if hub { hub_site() } else { member_site() },
        display: Display::default(),
        title: title.into(),
        person: Some(Person {
            name: "Y Thử".into(),
            role: "biên tập viên".into(),
        }),
        menu: items
            .into_iter()
            .map(|(group, label, url, icon, count)| DeskItem {
                current: url == current,
                ..DeskItem::new(group, label, url, icon, count)
            })
            .collect(),
        breadcrumb: Vec::new(),
        csrf: "mau-thu".into(),
        alarm: None,
        flash: None,
        made_at: at("2026-11-23T14:05:10+07:00", "14:05:10"),
    }
}

// ---------------------------------------------------------------- entries

fn flood() -> EntryCard {
    EntryCard {
        url: "/bai-viet/kon-braih-di-doi-120-ho-dan-0192f1a2".into(),
        title: "Kon Braih di dời 120 hộ dân khỏi vùng có nguy cơ sạt lở trước 18 giờ".into(),
        lead: Some("Trước dự báo mưa to kéo dài đến hết ngày 25/11, Ủy ban nhân dân xã yêu cầu các thôn dọc sông Đăk Bla hoàn thành di dời người già, trẻ em và phụ nữ mang thai ngay trong chiều nay.".into()),
        picture: Some(picture(1, "Dân quân giúp người dân chuyển đồ đạc qua đoạn đường ngập")),
        section: Some(Link::new("Phòng chống thiên tai", "/chuyen-muc/phong-chong-thien-tai")),
        published: at("2026-11-23T13:40:00+07:00", "23/11/2026 13:40"),
        language: String::new(),
        origin: None,
        badge: Some(Badge::new("Nổi bật", Tone::Bad)),
    }
}

fn news() -> Vec<EntryCard> {
    let item = |number: u8, title: &str, lead: &str, when: &str, alt: &str| EntryCard {
        url: format!("/bai-viet/tin-{number}"),
        title: title.into(),
        lead: Some(lead.into()),
        picture: (number != 4).then(|| picture(number, alt)),
        section: Some(Link::new("Kinh tế", "/chuyen-muc/kinh-te")),
        published: at("2026-11-22T08:15:00+07:00", when),
        language: String::new(),
        origin: None,
        badge: None,
    };
    vec![
        item(
            2,
            "Mô hình trồng sâm dây dưới tán rừng giúp 36 hộ Xơ Đăng ở thôn Kon Brăp Ju thoát nghèo",
            "Sau ba năm, mỗi sào sâm dây cho thu 28 triệu đồng, cao gấp bốn lần trồng mì trên cùng diện tích.",
            "22/11/2026 08:15",
            "Người dân chăm sóc vườn sâm dây",
        ),
        EntryCard {
            origin: from("Tỉnh Quảng Ngãi"),
            ..item(
                3,
                "Tỉnh hỗ trợ 100% phí bảo hiểm y tế cho học sinh dân tộc thiểu số năm học 2026 - 2027",
                "Nghị quyết của Hội đồng nhân dân tỉnh có hiệu lực từ ngày 01/12/2026, áp dụng cho học sinh tại 61 xã miền núi.",
                "21/11/2026 16:30",
                "Học sinh trường bán trú trong giờ học",
            )
        },
        item(
            4,
            "Lịch tiếp công dân định kỳ của Chủ tịch Ủy ban nhân dân xã tháng 12",
            "Chủ tịch xã tiếp công dân vào sáng ngày 10 và 25 hằng tháng tại trụ sở.",
            "20/11/2026 10:00",
            "",
        ),
        item(
            5,
            "Ra quân làm đường bê tông thôn 9, người dân hiến 1.250 m² đất",
            "Tuyến đường dài 820 m được hoàn thành sau 12 ngày với sự góp công của 74 hộ.",
            "19/11/2026 15:20",
            "Người dân đổ bê tông đường thôn",
        ),
        item(
            6,
            "Trạm y tế xã tiêm vắc xin sởi cho 412 trẻ",
            "Đợt tiêm bổ sung kéo dài đến ngày 30/11 tại nhà văn hóa các thôn.",
            "18/11/2026 09:05",
            "Cán bộ y tế tiêm cho trẻ",
        ),
    ]
}

fn neighbours_news() -> Vec<EntryCard> {
    let item = |number: u8, unit: &str, title: &str| EntryCard {
        url: format!("/bai-viet/xa-{number}"),
        title: title.into(),
        lead: None,
        picture: Some(picture(number, "")),
        section: None,
        published: at("2026-11-22T19:00:00+07:00", "22/11/2026"),
        language: String::new(),
        origin: from(unit),
        badge: None,
    };
    vec![
        item(
            7,
            "Xã Măng Đen",
            "Lễ hội hoa anh đào năm 2026 đón 18.000 lượt khách trong ba ngày",
        ),
        item(
            8,
            "Đặc khu Lý Sơn",
            "Ngư dân Lý Sơn trúng đậm vụ cá nục cuối năm",
        ),
        item(
            9,
            "Phường Kon Tum",
            "Tuyến đường ven sông Đăk Bla thông xe kỹ thuật đoạn qua phường",
        ),
        item(
            5,
            "Xã Ba Tô",
            "Giữ nghề dệt thổ cẩm của người Hrê ở làng Teng",
        ),
    ]
}

fn notices() -> Vec<NoticeLine> {
    vec![
        NoticeLine {
            url: "/thong-bao/tam-ngung-cap-dien-0192".into(),
            title: "Tạm ngừng cấp điện ngày 25/11 tại các thôn 4, 5 và 6".into(),
            published: at("2026-11-23", "23/11/2026"),
            language: String::new(),
            badge: Some(Badge::new("Mới", Tone::Info)),
        },
        NoticeLine {
            url: "/thong-bao/tuyen-quan-2027".into(),
            title: "Niêm yết danh sách công dân đủ điều kiện khám tuyển nghĩa vụ quân sự năm 2027"
                .into(),
            published: at("2026-11-20", "20/11/2026"),
            language: String::new(),
            badge: None,
        },
        NoticeLine {
            url: "/thong-bao/lay-y-kien-quy-hoach".into(),
            title: "Lấy ý kiến cộng đồng về đồ án quy hoạch chung xã đến năm 2040".into(),
            published: at("2026-11-17", "17/11/2026"),
            language: String::new(),
            badge: None,
        },
    ]
}

fn documents() -> Vec<DocumentLine> {
    let item = |number: &str, kind: &str, title: &str, day: &str| DocumentLine {
        url: "/van-ban/quyet-dinh-0192".into(),
        number: number.into(),
        title: title.into(),
        kind: kind.into(),
        issuer: "Ủy ban nhân dân xã Kon Braih".into(),
        issued: at("2026-11-18", day),
        language: String::new(),
        validity: Some(Badge::new("Còn hiệu lực", Tone::Good)),
    };
    vec![
        item(
            "184/QĐ-UBND",
            "Quyết định",
            "Ban hành Quy chế quản lý và vận hành Trang thông tin điện tử xã Kon Braih",
            "18/11/2026",
        ),
        item(
            "52/KH-UBND",
            "Kế hoạch",
            "Ứng phó mưa lũ, sạt lở đất trên địa bàn xã những tháng cuối năm 2026",
            "12/11/2026",
        ),
        item(
            "07/2026/NQ-HĐND",
            "Nghị quyết",
            "Về dự toán thu, chi ngân sách xã năm 2027 và phương án phân bổ",
            "05/11/2026",
        ),
    ]
}

// ---------------------------------------------------------------- public pages

fn front_page_of_member() -> FrontPage {
    FrontPage {
        frame: Frame {
            bulletins: super::bulletin_samples::lines(),
            urgent: Some(UrgentLine {
                text: "Mưa rất to đến hết ngày 25/11; người dân ven sông Đăk Bla, Đăk Pne không qua lại các ngầm tràn.".into(),
                url: Some("/thong-bao/mua-lu".into()),
                at: at("2026-11-23T11:00:00+07:00", "11:00 ngày 23/11/2026"),
                token: "01990000000070008000000000000001-1".into(),
            }),
            ..frame(member_site(), "", "/")
        },
        featured: Some(flood()),
        newest: news(),
        newest_url: "/tin-tuc".into(),
        notices: notices(),
        notices_url: "/chuyen-muc/thong-bao".into(),
        documents: documents(),
        documents_url: "/chuyen-muc/van-ban".into(),
        shared: Some(SharedBlock {
            heading: "Tin của tỉnh".into(),
            url: "/chuyen-muc/tin-cua-tinh".into(),
            entries: neighbours_news(),
        }),
        most_read: notices(),
        questions: notices(),
        banners: vec![BannerCard {
            picture: Picture {
                src: "/media/sha256/bang".into(),
                width: 1600,
                height: 400,
                alt: "Lễ hội cồng chiêng xã Kon Braih, ngày 12/12/2026".into(),
                ..Picture::default()
            },
            url: Some("/thong-bao/le-hoi".into()),
        }],
        links: vec![
            LinkGroup {
                heading: String::new(),
                links: vec![Link::new("Cổng thông tin điện tử tỉnh Quảng Ngãi", "https://quangngai.example/")],
            },
            LinkGroup {
                heading: "Dịch vụ".into(),
                links: vec![
                    Link::new("Dịch vụ công trực tuyến", "https://dichvucong.example/"),
                    Link::new("Cơ sở dữ liệu văn bản", "https://vanban.example/"),
                ],
            },
        ],
        rows: vec![
            FrontRow::Across(FrontBlock::Banners),
            FrontRow::Columns {
                main: vec![
                    FrontBlock::Newest,
                    FrontBlock::Section(
                        SharedBlock {
                            heading: "Kinh tế".into(),
                            url: "/chuyen-muc/kinh-te".into(),
                            entries: news(),
                        },
                        "kinh-te".into(),
                    ),
                ],
                side: vec![
                    FrontBlock::Notices,
                    FrontBlock::Documents,
                    FrontBlock::MostRead,
                    FrontBlock::Questions,
                ],
            },
            FrontRow::Across(FrontBlock::FromOthers),
            FrontRow::Across(FrontBlock::Links),
        ],
    }
}

fn front_page_of_hub() -> FrontPage {
    FrontPage {
        frame: frame(hub_site(), "", "/"),
        shared: Some(SharedBlock {
            heading: "Tin từ các xã, phường".into(),
            url: "/chuyen-muc/tin-tu-xa".into(),
            entries: neighbours_news(),
        }),
        ..front_page_of_member()
    }
}

fn empty_front_page() -> FrontPage {
    FrontPage {
        frame: Frame {
            views: None,
            ..frame(member_site(), "", "/")
        },
        featured: None,
        newest: Vec::new(),
        notices: Vec::new(),
        documents: Vec::new(),
        shared: None,
        most_read: Vec::new(),
        questions: Vec::new(),
        banners: Vec::new(),
        links: Vec::new(),
        ..front_page_of_member()
    }
}

fn feeds() -> Vec<Link> {
    vec![
        Link::new("RSS", "/chuyen-muc/kinh-te/rss"),
        Link::new("Atom", "/chuyen-muc/kinh-te/atom"),
        Link::new("JSON", "/chuyen-muc/kinh-te/feed.json"),
    ]
}

fn section() -> SectionPage {
    let filter = |label: &str, current| FilterLink {
        label: label.into(),
        url: "/chuyen-muc/kinh-te".into(),
        count: String::new(),
        current,
    };
    SectionPage {
        frame: frame(member_site(), "Tin tức", "/tin-tuc"),
        heading: "Tin tức - Sự kiện".into(),
        description: None,
        entries: news(),
        documents: Vec::new(),
        subsections: vec![
            filter("Tất cả", true),
            filter("Chính trị", false),
            filter("Kinh tế", false),
            filter("Văn hóa, xã hội", false),
            filter("Nông thôn mới", false),
        ],
        feeds: feeds(),
        pagination: Pagination::new(5, 42, |page| format!("/tin-tuc?trang={page}")),
    }
}

fn section_of_documents() -> SectionPage {
    SectionPage {
        frame: frame(member_site(), "Văn bản", "/chuyen-muc/van-ban"),
        heading: "Hệ thống văn bản".into(),
        description: Some("Văn bản do Hội đồng nhân dân và Ủy ban nhân dân xã ban hành.".into()),
        entries: Vec::new(),
        documents: documents(),
        subsections: Vec::new(),
        feeds: feeds(),
        pagination: Pagination::new(1, 3, |page| format!("?trang={page}")),
    }
}

fn article() -> ArticlePage {
    let card = flood();
    let mut frame = frame(member_site(), &card.title, &card.url);
    frame.breadcrumb.push(Link::new(
        "Phòng chống thiên tai",
        "/chuyen-muc/phong-chong-thien-tai",
    ));
    frame.head.kind = "article".into();
    frame.head.image = card.picture.clone();
    frame.head.json_ld = Some(JsonLd::new(&serde_json::json!({
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": card.title,
    })));
    ArticlePage {
        frame,
        title: card.title,
        section: card.section,
        lead: card.lead,
        picture: card.picture.map(|picture| Picture {
            caption: Some(
                "Dân quân xã giúp người dân thôn 6 chuyển đồ đạc, sáng 23/11. Ảnh: Y Thử".into(),
            ),
            ..picture
        }),
        body: CleanHtml::from_sanitised(
            "<p>Sáng 23/11, Ban Chỉ huy phòng thủ dân sự xã họp khẩn với trưởng 14 thôn. Theo đài khí tượng thủy văn khu vực, lượng mưa trong 24 giờ tới phổ biến từ 150 đến 250 mm, có nơi trên 300 mm.</p>\
             <h2>Các điểm phải di dời</h2>\
             <ul><li>Thôn 6 và thôn Kon Brăp Ju: 74 hộ sống sát taluy âm;</li><li>Thôn 9: 31 hộ gần suối Đăk Pne;</li><li>Thôn Kon Lỗ: 15 hộ.</li></ul>\
             <blockquote><p>“Tài sản mất còn làm lại được, nhưng không ai được ở lại nhà trong vùng nguy hiểm sau 18 giờ.”</p></blockquote>\
             <table><caption>Nơi tạm trú</caption><thead><tr><th>Thôn</th><th>Nơi đến</th><th>Số hộ</th></tr></thead><tbody><tr><td>Thôn 6</td><td>Trường Tiểu học số 1</td><td>48</td></tr><tr><td>Kon Brăp Ju</td><td>Nhà rông của làng</td><td>26</td></tr><tr><td>Thôn 9</td><td>Trụ sở Ủy ban nhân dân xã</td><td>31</td></tr></tbody></table>\
             <p>Người dân cần giúp đỡ, gọi <strong>0260 3824 000</strong> hoặc xem <a href=\"https://quangngai.example/thong-bao/mua-lu\">hướng dẫn của tỉnh</a>.</p>",
        ),
        author: Some("Y Thử".into()),
        origin: from("xã Măng Đen"),
        language: "vi".into(),
        published: Some(at("2026-11-23T13:40:00+07:00", "23/11/2026 13:40")),
        updated: Some(at("2026-11-23T14:02:00+07:00", "23/11/2026 14:02")),
        expires: None,
        reviewed: None,
        own: Part::Nothing,
        correction: Some(Correction {
            at: at("2026-11-23T14:02:00+07:00", "23/11/2026 14:02"),
            text: "Bản trước ghi thôn 9 có 13 hộ phải di dời; số đúng là 31 hộ.".into(),
        }),
        attachments: vec![Attachment {
            name: "Danh sách điểm sơ tán xã Kon Braih.pdf".into(),
            url: "/media/sha256/aa".into(),
            format: "PDF".into(),
            size: "1,2 MB".into(),
        }],
        proof: Some(proof()),
        useful: Some(Useful {
            action: "/huu-ich/1".into(),
            thanks: false,
        }),
        share_url:
            "https://konbraih.quangngai.example/bai-viet/kon-braih-di-doi-120-ho-dan-0192f1a2"
                .into(),
        related: news().into_iter().take(4).collect(),
        previous: Some(Link::new(
            "Kiểm tra hồ chứa Đăk Pne trước mùa mưa",
            "/bai-viet/truoc",
        )),
        next: Some(Link::new(
            "Tiếp nhận 5 tấn gạo hỗ trợ vùng lũ",
            "/bai-viet/sau",
        )),
    }
}

fn notice() -> ArticlePage {
    ArticlePage {
        frame: frame(
            member_site(),
            "Tạm ngừng cấp điện ngày 25/11",
            "/thong-bao/dien",
        ),
        title: "Tạm ngừng cấp điện ngày 25/11 tại các thôn 4, 5 và 6".into(),
        section: Some(Link::new("Thông báo", "/chuyen-muc/thong-bao")),
        lead: None,
        picture: None,
        body: CleanHtml::from_sanitised(
            "<p>Điện lực tạm ngừng cấp điện từ <strong>07:30 đến 16:00</strong> ngày 25/11/2026 để thay dây dẫn.</p>",
        ),
        author: None,
        origin: None,
        updated: None,
        expires: Some(at("2026-11-25", "25/11/2026")),
        correction: None,
        attachments: Vec::new(),
        related: Vec::new(),
        previous: None,
        next: None,
        ..article()
    }
}

fn album() -> ArticlePage {
    let one = |number| AlbumPicture {
        picture: Picture {
            caption: Some("Khói bếp chung trước nhà rông".into()),
            ..picture(1, "Nhà rông buổi sớm")
        },
        credit: Some("A Mẫu".into()),
        number,
        of: 3,
    };
    ArticlePage {
        title: "Ảnh: ba làng chung một bếp".into(),
        picture: None,
        own: Part::Album(vec![one(1), one(2), one(3)]),
        ..article()
    }
}

fn video() -> ArticlePage {
    ArticlePage {
        title: "Video: nước suối lên, nhà mình làm gì trước?".into(),
        picture: None,
        own: Part::Video(Video {
            poster: Some(picture(2, "Dòng suối")),
            youtube: Some("https://www.youtube.com/watch?v=LienCongDem".into()),
            ..Video::default()
        }),
        ..article()
    }
}

fn calendar() -> CalendarPage {
    let row = |time: &str, content: &str| Appointment {
        time: time.into(),
        content: content.into(),
        who: "Lãnh đạo UBND".into(),
        place: "Hội trường".into(),
    };
    CalendarPage {
        frame: frame(member_site(), "Lịch công tác", "/lich-cong-tac"),
        words: "tuần 48 (từ 23/11 đến 29/11)".into(),
        is_now: true,
        weeks: vec![UnitWeek {
            origin: None,
            entry: Link::new(
                "Lịch công tác tuần 48 (từ 23/11 đến 29/11)",
                "/lich-cong-tac/48",
            ),
            week: Week {
                label: "Tuần 48 (từ 23/11 đến 29/11)".into(),
                days: vec![Day {
                    day: at("2026-11-23", "Thứ Hai, 23/11/2026"),
                    is_today: true,
                    rows: vec![row("07:30", "Giao ban"), row("14:00", "Tiếp công dân")],
                }],
            },
        }],
        previous: Some("/lich-cong-tac?tuan=2026-11-16".into()),
        next: Some("/lich-cong-tac?tuan=2026-11-30".into()),
        others: vec![Link::new(
            "Tuần 47 (từ 16/11 đến 22/11)",
            "/lich-cong-tac?tuan=2026-11-16",
        )],
    }
}

fn poll() -> ArticlePage {
    let line = |option: &str, votes: &str, percent: &str, share| PollLine {
        option: option.into(),
        votes: votes.into(),
        percent: percent.into(),
        share,
    };
    ArticlePage {
        title: "Chợ phiên nên họp ngày nào trong tuần?".into(),
        picture: None,
        own: Part::Poll(Poll {
            stage: Badge::new("Đang mở, còn 17 ngày", Tone::Good),
            closes: at("2026-12-10", "10/12/2026"),
            options: vec!["Thứ Bảy".into(), "Chủ nhật".into()],
            action: Some("/lua-chon/1".into()),
            results: Some(Results {
                total: "1.250".into(),
                lines: vec![
                    line("Thứ Bảy", "750", "60%", 600),
                    line("Chủ nhật", "500", "40%", 400),
                ],
            }),
            ..Poll::default()
        }),
        ..article()
    }
}

fn consultations() -> ConsultationsPage {
    let line = |entry: EntryCard, stage, tone| ConsultationLine {
        entry,
        stage: Badge::new(stage, tone),
        closes: at("2026-12-17", "17/12/2026"),
    };
    let mut news = news();
    ConsultationsPage {
        frame: frame(member_site(), "Dự thảo lấy ý kiến", "/du-thao"),
        words: ConsultationWords {
            name: "Dự thảo lấy ý kiến",
            open: "Đang lấy ý kiến",
            nothing: "Hiện không có dự thảo nào đang lấy ý kiến.",
            other: ("Bình chọn", "/binh-chon"),
        },
        open: vec![line(flood(), "Đang mở, còn 24 ngày", Tone::Good)],
        closed: news
            .drain(..1)
            .map(|entry| line(entry, "Đã đóng", Tone::Quiet))
            .collect(),
        pagination: Pagination::default(),
    }
}

fn questions() -> QuestionsPage {
    let line = |entry: EntryCard| QuestionLine {
        entry,
        asked: vec![
            Fragment {
                text: "Gia đình tôi khai hoang từ năm 1992, nay muốn làm ".into(),
                hit: false,
            },
            Fragment {
                text: "sổ đỏ".into(),
                hit: true,
            },
        ],
        field: Some("Đất đai".into()),
        answerer: Some("Phòng Kinh tế xã Kon Braih".into()),
        answered_on: Some(at("2026-11-20", "20/11/2026")),
    };
    QuestionsPage {
        frame: frame(member_site(), "Hỏi – Đáp", "/hoi-dap"),
        ask_url: Some("/hoi-dap/gui".into()),
        words: "sổ đỏ".into(),
        total: "3".into(),
        questions: news().into_iter().map(line).collect(),
        pagination: Pagination::default(),
    }
}

fn no_questions() -> QuestionsPage {
    QuestionsPage {
        ask_url: None,
        words: String::new(),
        total: "0".into(),
        questions: Vec::new(),
        ..questions()
    }
}

fn question() -> ArticlePage {
    ArticlePage {
        title: "Đất khai hoang từ năm 1992 có được cấp sổ đỏ không?".into(),
        section: Some(Link::new("Hỏi - Đáp", "/chuyen-muc/hoi-dap")),
        lead: None,
        picture: None,
        own: Part::Question(Question {
            asked: vec![
                "Gia đình tôi khai hoang một thửa rẫy từ năm 1992, trồng cà phê đến nay.".into(),
                "Xin hỏi đất ấy có được cấp sổ đỏ không, và nộp hồ sơ ở đâu?".into(),
            ],
            asker: Some("Ông A.T., thôn 5, xã Kon Braih".into()),
            asked_on: Some(at("2026-11-16", "16/11/2026")),
            answerer: Some("Phòng Kinh tế xã Kon Braih".into()),
            answered_on: Some(at("2026-11-20", "20/11/2026")),
            field: Some("Đất đai".into()),
        }),
        ..article()
    }
}

fn documents_page() -> DocumentsPage {
    let choices = || {
        vec![
            Choice::new("", "Tất cả", true),
            Choice::new("a", "A (3)", false),
        ]
    };
    DocumentsPage {
        frame: frame(member_site(), "Văn bản", "/van-ban"),
        documents: documents(),
        total: "3".into(),
        is_narrowed: true,
        words: "184".into(),
        forms: choices(),
        fields: choices(),
        issuers: choices(),
        years: choices(),
        holding: choices(),
        pagination: Pagination::default(),
    }
}

fn gallery() -> GalleryPage {
    GalleryPage {
        frame: frame(member_site(), "Thư viện", "/thu-vien"),
        heading: "Thư viện".into(),
        ways: state_links(),
        shelves: vec![Shelf {
            heading: "Thư viện ảnh".into(),
            url: Some("/thu-vien/anh".into()),
            entries: news(),
        }],
        pagination: Pagination::default(),
    }
}

fn about() -> AboutPage {
    let group = |heading: &str, pages| AboutGroup {
        heading: heading.into(),
        pages,
        is_awaited: true,
    };
    AboutPage {
        frame: frame(member_site(), "Giới thiệu", "/gioi-thieu"),
        heading: "Giới thiệu".into(),
        groups: vec![
            group(
                "Tổ chức bộ máy",
                vec![AboutLine {
                    url: "/trang/bo-may".into(),
                    title: "Tổ chức bộ máy xã Kon Braih".into(),
                    lead: Some("Các phòng và phần việc của mỗi phòng.".into()),
                    reviewed: Some(at("2026-11-02", "02/11/2026")),
                }],
            ),
            group("Lãnh đạo", Vec::new()),
        ],
    }
}

fn lists() -> ListsPage {
    let row = |name: &str, is_ours| ListRow {
        code: crate::vietnamese::slug(name),
        name: name.into(),
        is_ours,
        note: if is_ours { "Của đơn vị" } else { "" }.into(),
        stands_for: match is_ours {
            true => vec![Choice::new("", "Không ứng với mục nào", true)],
            false => Vec::new(),
        },
        ..ListRow::default()
    };
    ListsPage {
        desk: desk("Danh mục", "/quan-tri/danh-muc", true),
        action: "/quan-tri/danh-muc".into(),
        lists: state_links(),
        list: "linh-vuc".into(),
        label: "Lĩnh vực".into(),
        is_province: true,
        rows: vec![row("Y tế", false), row("Lễ hội làng", true)],
        name: String::new(),
        parents: Vec::new(),
        stands_for: Vec::new(),
        unmapped: vec![UnmappedRow {
            unit: "xã Kon Braih".into(),
            what: "Lĩnh vực: Lễ hội làng".into(),
            count: "3".into(),
        }],
        errors: FormErrors::default(),
    }
}

fn auto_take() -> AutoTakePage {
    AutoTakePage {
        desk: desk("Tự nhận theo chuyên mục", "/quan-tri/hop-den", false),
        action: "/quan-tri/hop-den/tu-nhan".into(),
        rows: vec![AutoTakeRow {
            code: "kinh-te".into(),
            name: "Kinh tế".into(),
            placed_in: "Tin của tỉnh".into(),
            since: "Y Thử, từ 20/11/2026".into(),
        }],
        sections: vec![Choice::new("", "Chọn chuyên mục", true)],
        placed_in: vec![Choice::new("", "Chọn chuyên mục", true)],
        errors: FormErrors::default(),
    }
}

fn document() -> DocumentPage {
    let mut frame = frame(member_site(), "Quyết định 184/QĐ-UBND", "/van-ban/184");
    frame
        .breadcrumb
        .push(Link::new("Hệ thống văn bản", "/chuyen-muc/van-ban"));
    DocumentPage {
        frame,
        title: "Ban hành Quy chế quản lý và vận hành Trang thông tin điện tử xã Kon Braih".into(),
        kicker: "Quyết định số 184/QĐ-UBND".into(),
        validity: Some(Badge::new("Còn hiệu lực", Tone::Good)),
        lead: None,
        kin: vec![Kinship {
            label: "Thay thế",
            documents: vec![Relative {
                name: "Quyết định 12/QĐ-UBND".into(),
                title: Some("Quy chế trực ban".into()),
                url: Some("/van-ban/12".into()),
            }],
        }],
        facts: vec![
            Fact::new("Số ký hiệu", "184/QĐ-UBND"),
            Fact::new("Loại văn bản", "Quyết định"),
            Fact::new("Cơ quan ban hành", "Ủy ban nhân dân xã Kon Braih"),
            Fact::new("Người ký", "A Mẫu, Phó Chủ tịch"),
            Fact::new("Lĩnh vực", "Chuyển đổi số"),
            Fact::new("Ngày ban hành", "18/11/2026"),
            Fact::new("Ngày có hiệu lực", "01/12/2026"),
            Fact::new("Ngày hết hiệu lực", ""),
        ],
        attachments: vec![
            Attachment {
                name: "184-QD-UBND-quy-che-trang-thong-tin-dien-tu-ban-ky-so.pdf".into(),
                url: "/media/sha256/bb".into(),
                format: "PDF".into(),
                size: "860 kB".into(),
            },
            Attachment {
                name: "Phụ lục phân công cập nhật.xlsx".into(),
                url: "/media/sha256/cc".into(),
                format: "XLSX".into(),
                size: "24 kB".into(),
            },
        ],
        body: Some(CleanHtml::from_sanitised(
            "<p><strong>Điều 1.</strong> Ban hành kèm theo Quyết định này Quy chế quản lý và vận hành Trang thông tin điện tử xã Kon Braih.</p><p><strong>Điều 2.</strong> Quyết định này có hiệu lực từ ngày 01 tháng 12 năm 2026.</p>",
        )),
        origin: None,
        language: "vi".into(),
        published: at("2026-11-19T08:00:00+07:00", "19/11/2026 08:00"),
        correction: None,
        proof: Some(proof()),
        useful: Some(Useful {
            action: "/huu-ich/1".into(),
            thanks: true,
        }),
        share_url: "https://konbraih.quangngai.example/van-ban/184".into(),
        related: documents().into_iter().skip(1).collect(),
    }
}

fn fragments(text: &[(&str, bool)]) -> Vec<Fragment> {
    text.iter()
        .map(|(text, hit)| Fragment {
            text: (*text).into(),
            hit: *hit,
        })
        .collect()
}

fn search() -> SearchPage {
    let filter = |label: &str, count: &str, current| FilterLink {
        label: label.into(),
        url: "/tim-kiem?q=sat+lo".into(),
        count: count.into(),
        current,
    };
    let hit = |kind: &str, origin: Option<Origin>| SearchHit {
        url: "/bai-viet/x".into(),
        title: fragments(&[
            ("Kon Braih di dời 120 hộ dân khỏi vùng có nguy cơ ", false),
            ("sạt lở", true),
            (" trước 18 giờ", false),
        ]),
        excerpt: fragments(&[
            ("… theo dõi 14 điểm ", false),
            ("sạt lở", true),
            (
                " dọc quốc lộ 24, cắm biển cảnh báo và bố trí người trực ngày đêm tại các ngầm tràn …",
                false,
            ),
        ]),
        kind: kind.into(),
        section: Some(Link::new("Phòng chống thiên tai", "/chuyen-muc/x")),
        published: at("2026-11-23", "23/11/2026"),
        language: String::new(),
        origin,
    };
    let mut frame = frame(member_site(), "Tìm kiếm: sat lo", "/tim-kiem?q=sat+lo");
    frame.query = "sat lo".into();
    frame.head.noindex = true;
    SearchPage {
        frame,
        is_empty: false,
        total: "hơn 1.000".into(),
        scopes: vec![
            filter("Trang này", "", true),
            filter("Toàn tỉnh", "", false),
        ],
        sections: vec![
            Choice::new("", "Mọi chuyên mục", true),
            Choice::new("thien-tai", "Phòng chống thiên tai", false),
        ],
        units: vec![
            Choice::new("", "Mọi đơn vị", true),
            Choice::new("x", "Xã Kon Braih", false),
        ],
        kind: String::new(),
        from: "2026-01-01".into(),
        until: String::new(),
        is_narrowed: true,
        widened: "/tim-kiem?q=sat+lo".into(),
        meant: None,
        hits: vec![
            hit("Tin, bài", None),
            hit("Văn bản", None),
            hit("Tin, bài", from("Tỉnh Quảng Ngãi")),
        ],
        filters: vec![
            filter("Tất cả", "", true),
            filter("Tin, bài", "", false),
            filter("Văn bản", "", false),
            filter("Thông báo", "", false),
        ],
        suggestion: None,
        pagination: Pagination::new(1, 100, |page| format!("/tim-kiem?q=sat+lo&trang={page}")),
    }
}

fn search_without_results() -> SearchPage {
    SearchPage {
        is_empty: true,
        hits: Vec::new(),
        filters: Vec::new(),
        suggestion: Some(Link::new("sạt lở", "/tim-kiem?q=s%E1%BA%A1t+l%E1%BB%9F")),
        pagination: Pagination::new(1, 1, |_| String::new()),
        ..search()
    }
}

fn recalled() -> RecalledPage {
    RecalledPage {
        frame: frame(member_site(), "Nội dung đã được gỡ", "/bai-viet/cu"),
        recall: Recall {
            title: Some("Danh sách hộ nhận hỗ trợ sau bão số 12".into()),
            at: at("2026-11-22T09:12:00+07:00", "09:12 ngày 22/11/2026"),
            unit: "Ủy ban nhân dân xã Kon Braih".into(),
            reason: Some("danh sách có thông tin cá nhân không được công khai.".into()),
            replacement: Some(Link::new("Danh sách đã rút gọn", "/bai-viet/moi")),
        },
    }
}

fn proof() -> Proof {
    let address = "https://konbraih.quangngai.example/xac-minh/0192f1a27c3d7000b5e48d1f00c2a9e4";
    Proof {
        here: "/xac-minh/0192f1a27c3d7000b5e48d1f00c2a9e4".into(),
        unit: "Xã Măng Đen".into(),
        address: address.into(),
        code: crate::pages::qr::draw(address).expect("a code"),
    }
}

fn verify_form() -> VerifyFormPage {
    VerifyFormPage {
        frame: frame(member_site(), "Xác minh bài viết", "/xac-minh"),
        typed: String::new(),
        problem: None,
    }
}

fn verify_form_with_problem() -> VerifyFormPage {
    VerifyFormPage {
        typed: "https://konbraih.quangngai.example/bai-viet/la".into(),
        problem: Some(
            "Không thấy mã bài trong địa chỉ này. Hãy mở bài, chép cả địa chỉ trên thanh địa chỉ rồi dán vào đây.".into(),
        ),
        ..verify_form()
    }
}

fn signed_facts(heading: &str, kind: &str, words: &str) -> SignedFacts {
    SignedFacts {
        heading: heading.into(),
        facts: vec![
            Fact::new("Việc", kind),
            Fact::new("Bản thứ", "2"),
            Fact::new("Đơn vị", "Xã Măng Đen"),
            Fact::new("Trang ký", "Trang thông tin điện tử xã Măng Đen"),
            Fact::new("Ký lúc", "23/11/2026 14:02 (theo đồng hồ của trang ký)"),
            Fact::new("Chữ ký", "Khớp"),
            Fact::new(
                "Khóa",
                "Khóa của trang ký, dùng từ 01/07/2026 đến 20/11/2026; bài ký bằng khóa này vẫn có giá trị",
            ),
            Fact::new("Mã khóa", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
            Fact::new("Lời văn", words),
            Fact::new("Mã bài", "0192f1a2-7c3d-7000-b5e4-8d1f00c2a9e4"),
        ],
    }
}

fn verified() -> VerifyPage {
    let mut frame = frame(member_site(), "Xác minh bài viết", "/xac-minh/0192f1a2");
    frame.head.noindex = true;
    VerifyPage {
        frame,
        tone: Tone::Good,
        heading: "Đúng từng chữ".into(),
        text: "Bài này do Xã Măng Đen ký và đăng; từ lúc ký, không một chữ nào bị thay đổi.".into(),
        notes: vec![
            "Ảnh và tệp đính kèm được gọi tên trong phần đã ký bằng mã SHA-256 của từng tệp, nên không thể đổi mà không lộ.".into(),
        ],
        entry: Some(Link::new(flood().title, flood().url)),
        signed: vec![signed_facts("Chi tiết", "Sửa bài đã đăng", "Đúng từng chữ như khi ký")],
        checked: at("2026-11-23T15:10:00+07:00", "23/11/2026 15:10"),
        download: Some("/xac-minh/0192f1a27c3d7000b5e48d1f00c2a9e4/ban-ky.json".into()),
        origin: Some(Link::new(
            "Xác minh tại trang ký",
            "https://mangden.quangngai.example/xac-minh/0192f1a27c3d7000b5e48d1f00c2a9e4",
        )),
    }
}

fn verified_changed() -> VerifyPage {
    VerifyPage {
        tone: Tone::Bad,
        heading: "Bài không còn như khi ký".into(),
        text: "Dữ liệu của bài trên trang này đã bị thay đổi hoặc bị hỏng sau khi ký. Xin đừng dùng bản này; hãy xem bài ở trang của đơn vị đăng, hoặc quay lại sau: trang sẽ tự lấy lại bản đúng nếu nơi khác còn giữ.".into(),
        notes: Vec::new(),
        signed: vec![signed_facts("Chi tiết", "Sửa bài đã đăng", "Khác với khi ký")],
        download: None,
        ..verified()
    }
}

fn verified_recalled() -> VerifyPage {
    VerifyPage {
        tone: Tone::Warning,
        heading: "Bài đã bị tỉnh thu hồi".into(),
        text: "Bài của Xã Măng Đen đã bị thu hồi khỏi mọi trang. Lời văn không còn được giữ để xem; chỉ còn phần đầu có chữ ký, cho biết ai đã ký và khi nào.".into(),
        notes: Vec::new(),
        entry: None,
        signed: vec![
            signed_facts("Việc gỡ bài", "Tỉnh thu hồi bài", "Đúng từng chữ như khi ký"),
            signed_facts("Bản đã đăng", "Đăng lần đầu", "Đã xóa, chỉ còn phần đầu có chữ ký"),
        ],
        ..verified()
    }
}

fn error(status: u16) -> ErrorPage {
    ErrorPage {
        frame: frame(member_site(), "Không mở được trang", "/khong-co"),
        explanation: Explanation::of(status),
    }
}

fn bare_error() -> BareErrorPage {
    BareErrorPage {
        language: LANGUAGE.get(),
        assets: "/tai-nguyen/mau".into(),
        explanation: Explanation::of(500),
    }
}

fn display() -> DisplayPage {
    DisplayPage {
        frame: frame(member_site(), "Cỡ chữ và tương phản", "/hien-thi"),
        return_to: "/tin-tuc".into(),
    }
}

fn offline() -> OfflinePage {
    OfflinePage {
        frame: frame(member_site(), "Không có kết nối mạng", "/ngoai-tuyen"),
    }
}

fn units() -> UnitsPage {
    let unit = |name: &str, host: &str| UnitCard {
        name: name.into(),
        url: (!host.is_empty()).then(|| format!("https://{host}/")),
        host: host.into(),
        address: "Trung tâm hành chính".into(),
        newest: (!host.is_empty())
            .then(|| Link::new("Ra quân làm đường bê tông thôn 9", "/bai-viet/x")),
    };
    UnitsPage {
        frame: frame(hub_site(), "Các đơn vị thành viên", "/don-vi"),
        summary: "42 đơn vị".into(),
        ranking: Some("/xep-hang".into()),
        groups: vec![
            UnitGroup {
                heading: "Phường".into(),
                units: vec![
                    unit("Phường Cẩm Thành", "camthanh.quangngai.example"),
                    unit("Phường Kon Tum", "kontum.quangngai.example"),
                ],
            },
            UnitGroup {
                heading: "Xã".into(),
                units: vec![
                    unit("Xã Ba Tô", "bato2.quangngai.example"),
                    unit("Xã Ba Tơ", "bato.quangngai.example"),
                    unit("Xã Đăk Kôi", ""),
                    unit("Xã Kon Braih", "konbraih.quangngai.example"),
                ],
            },
            UnitGroup {
                heading: "Đặc khu".into(),
                units: vec![unit("Đặc khu Lý Sơn", "lyson.quangngai.example")],
            },
        ],
        former: vec![FormerUnit {
            name: "Xã Tân Lập".into(),
            heirs: vec![Link::new(
                "xã Kon Braih",
                "https://konbraih.quangngai.example/",
            )],
            since: Some(at("2025-07-01", "01/07/2025")),
            basis: Some("Nghị quyết 1677/NQ-UBTVQH15".into()),
            archive: Some("https://tanlap.kontum.example".into()),
        }],
    }
}

fn in_contrast(mut page: ArticlePage) -> ArticlePage {
    page.frame.display = Display {
        size: 4,
        high_contrast: true,
        ..page.frame.display
    };
    page
}

// ---------------------------------------------------------------- newsroom

fn set_up() -> SetUpPage {
    SetUpPage {
        desk: sign_in().desk,
        code: String::new(),
        login: "quantri".into(),
        name: "A Mẫu".into(),
        errors: FormErrors::default(),
    }
}

fn sign_in() -> SignInPage {
    let mut errors = FormErrors::default();
    errors.add("username", "Tên đăng nhập hoặc mật khẩu chưa đúng.");
    SignInPage {
        desk: Desk {
            person: None,
            menu: Vec::new(),
            ..desk("Đăng nhập", "", false)
        },
        username: "ythu".into(),
        single_sign_on: None,
        return_to: "/quan-tri".into(),
        errors,
    }
}

fn desk_entries() -> Vec<DeskEntry> {
    let entry = |title: &str, state: &str, tone, note: Option<&str>| DeskEntry {
        url: "/quan-tri/bai-viet/0192".into(),
        title: title.into(),
        state: Badge::new(state, tone),
        kind: "Tin, bài".into(),
        section: "Kinh tế".into(),
        author: "Y Thử".into(),
        changed: at("2026-11-23T13:20:00+07:00", "23/11/2026 13:20"),
        public_url: (state == "Đã đăng").then(|| "/bai-viet/x".into()),
        views: (state == "Đã đăng").then(|| "1.250 lượt xem".into()),
        note: note.map(|note| DeskNote::new("Cần sửa", note)),
    };
    vec![
        entry(
            "Ra quân làm đường bê tông thôn 9, người dân hiến 1.250 m² đất",
            "Cần sửa",
            Tone::Bad,
            Some("Bổ sung họ tên trưởng thôn và thời gian hoàn thành."),
        ),
        entry(
            "Trạm y tế xã tiêm vắc xin sởi cho 412 trẻ",
            "Chờ duyệt",
            Tone::Warning,
            None,
        ),
        entry("Lịch tiếp công dân tháng 12", "Đã đăng", Tone::Good, None),
        entry("Bài viết chưa đặt tên", "Nháp", Tone::Quiet, None),
    ]
}

fn dashboard() -> DashboardPage {
    let task = |label: &str, count| Task {
        label: label.into(),
        count,
        url: "/quan-tri/bai-viet".into(),
    };
    DashboardPage {
        desk: Desk {
            flash: Some(Flash {
                tone: Tone::Good,
                text: "Đã đăng bài và gửi lên tỉnh.".into(),
            }),
            ..desk("Bàn làm việc", "/quan-tri", false)
        },
        tasks: vec![task("bài cần sửa", 1), task("bài chờ duyệt", 3), task("bài trong hộp đến", 4), task("bài tỉnh trả lại", 0)],
        bulletins: super::bulletin_samples::waiting(),
        may_acknowledge: true,
        clock_doubt: Some((at("2026-11-23T14:05:00+07:00", "23/11/2026 14:05"), true)),
        scheduled: vec![ScheduledLine {
            title: "Lịch cắt điện ngày 25/11".into(),
            url: "/quan-tri/bai-viet/0193".into(),
            at: at("2026-11-24T07:00:00+07:00", "24/11/2026 07:00"),
            is_held: false,
        }],
        post_checks: vec![PostCheckNote {
            title: "Khai giảng lớp học tiếng Ba Na".into(),
            url: "/quan-tri/bai-viet/0194".into(),
            verdict: Badge::new("Yêu cầu sửa", Tone::Bad),
            reason: Some("Ghi rõ nguồn số liệu.".into()),
        }],
        figures: vec![
            Figure { value: "4".into(), label: "bài của bạn đã đăng tháng này".into() },
            Figure { value: "11".into(), label: "bài của đơn vị đã đăng tháng này".into() },
        ],
        goals: vec![Goal {
            value: "7 / 12".into(),
            label: "tin, bài đã đăng tháng này".into(),
            state: Badge::new("còn thiếu 5", Tone::Warning),
        }],
        may_set_goals: true,
        link: Some(LinkHealth {
            peer: "Cổng thông tin điện tử tỉnh Quảng Ngãi".into(),
            state: LinkState::Late,
            last_contact: Some(at("2026-11-23T10:55:00+07:00", "10:55 ngày 23/11/2026")),
            sending: Lag {
                items: 12,
                text: "còn 12 mục".into(),
                oldest: Some("mục cũ nhất chờ 3 giờ 10 phút".into()),
            },
            receiving: Lag {
                items: 0,
                text: "đã đủ".into(),
                oldest: None,
            },
            trouble: Some("Không kết nối được với máy chủ tỉnh. Hệ thống tự thử lại sau 4 phút, bài không bị mất.".into()),
        }),
        recent: desk_entries(),
    }
}

fn state_links() -> Vec<FilterLink> {
    [
        ("Tất cả", "128", true),
        ("Nháp", "6", false),
        ("Chờ duyệt", "3", false),
        ("Cần sửa", "1", false),
        ("Đã đăng", "116", false),
        ("Đã gỡ", "2", false),
    ]
    .into_iter()
    .map(|(label, count, current)| FilterLink {
        label: label.into(),
        url: "/quan-tri/bai-viet?trang-thai=x".into(),
        count: count.into(),
        current,
    })
    .collect()
}

fn entries() -> EntriesPage {
    EntriesPage {
        desk: desk("Tin, bài", "/quan-tri/bai-viet", false),
        states: state_links(),
        query: String::new(),
        state: "cho-duyet".into(),
        mine: Some(false),
        entries: desk_entries(),
        pagination: Pagination::new(1, 7, |page| format!("?trang={page}")),
    }
}

fn library() -> LibraryPage {
    let picture = |number: u8, name: &str, lacks_alt: bool| LibraryCard {
        url: format!("/quan-tri/thu-vien/{number:064x}"),
        thumb: Some(picture(number, "")),
        format: "JPG".into(),
        name: name.into(),
        about: "960 × 600, 210 kB, đã đăng".into(),
        lacks_alt,
    };
    LibraryPage {
        desk: desk("Thư viện", "/quan-tri/thu-vien", false),
        filters: state_links(),
        query: String::new(),
        class: "picture".into(),
        quota: QuotaBar {
            used: 4_200_000_000,
            limit: 5_000_000_000,
            warn_at: 4_000_000_000,
            text: "Đã dùng 4,2 GB trên 5 GB.".into(),
        },
        limits: "Ảnh tối đa 10 MB, tệp tối đa 20 MB, video tối đa 200 MB.".into(),
        errors: FormErrors::default(),
        items: vec![
            picture(1, "Đổ bê tông đường thôn 9.jpg", false),
            picture(2, "IMG_20261119_0812.jpg", true),
            LibraryCard {
                url: "/quan-tri/thu-vien/dd".into(),
                format: "PDF".into(),
                name: "Danh sách hộ hiến đất.pdf".into(),
                about: "210 kB".into(),
                ..LibraryCard::default()
            },
        ],
        pagination: Pagination::new(1, 2, |page| format!("?trang={page}")),
    }
}

fn focus() -> Vec<Choice> {
    Focus::ALL
        .map(|one| Choice::new(one.as_str(), one.label(), one == Focus::Top))
        .to_vec()
}

fn library_item() -> LibraryItemPage {
    LibraryItemPage {
        desk: desk("Đổ bê tông đường thôn 9.jpg", "/quan-tri/thu-vien", false),
        action: "/quan-tri/thu-vien/dd".into(),
        picture: Some(picture(1, "Người dân đổ bê tông")),
        video: None,
        file: Attachment {
            name: "Đổ bê tông đường thôn 9.jpg".into(),
            url: "/media/sha256/dd".into(),
            format: "JPG".into(),
            size: "210 kB".into(),
        },
        added: "Tải lên 23/11/2026 13:20, Y Thử".into(),
        name: "Đổ bê tông đường thôn 9.jpg".into(),
        alt: "Người dân đổ bê tông".into(),
        decorates: false,
        caption: String::new(),
        credit: "A Mẫu".into(),
        focus: focus(),
        is_kept: true,
        uses: vec![Link::new("Đã đăng: Ra quân làm đường", "/bai-viet/x")],
        remove_url: None,
        errors: FormErrors::default(),
    }
}

fn screening() -> ScreeningPage {
    ScreeningPage {
        desk: desk("Sàng lọc", "/quan-tri/sang-loc", false),
        action: "/quan-tri/sang-loc".into(),
        states: vec![
            FilterLink {
                label: "Đang giữ".into(),
                url: "/quan-tri/sang-loc".into(),
                count: "1".into(),
                current: true,
            },
            FilterLink {
                label: "Đã cho qua".into(),
                url: "/quan-tri/sang-loc?muc=da-cho-qua".into(),
                count: "4".into(),
                current: false,
            },
        ],
        held: vec![HeldRow {
            id: "12".into(),
            title: "Kêu gọi ủng hộ gia đình bị cháy nhà".into(),
            url: "/quan-tri/bai-viet/0192".into(),
            author: "Y Thử".into(),
            rule: "G6 Số tài khoản ngân hàng".into(),
            place: "nội dung, dòng 4".into(),
            excerpt: "STK: 1xxxxxxxxx123 Ngân hàng".into(),
            reason: "Bài kêu gọi ủng hộ cần người duyệt ghi lý do và đối chiếu số.".into(),
            at: at("2026-11-23T12:00:00+07:00", "23/11/2026 12:00"),
            who: "người duyệt".into(),
            may_release: true,
            why: String::new(),
            decided: None,
        }],
        secrets: vec![SecretRow {
            at: at("2026-11-23T12:00:00+07:00", "23/11/2026 12:00"),
            who: "Y Thử".into(),
            way: "Tệp tải lên".into(),
            rule: "G1, lien-cong 2026.11.1".into(),
            hash: "3f9ac0d1b2e4".into(),
            recall_url: None,
        }],
        rules: "lien-cong 2026.11.1".into(),
        basis: vec![DeskNote::new(
            "G3 Số định danh, căn cước (Giữ lại)",
            "Đơn vị ghi số văn bản.",
        )],
        pagination: Pagination::new(1, 1, |_| String::new()),
        errors: FormErrors::default(),
    }
}

fn entry_form() -> EntryFormPage {
    EntryFormPage {
        desk: Desk {
            breadcrumb: vec![Link::new("Tin, bài", "/quan-tri/bai-viet")],
            ..desk("Sửa bài", "/quan-tri/bai-viet", false)
        },
        action: "/quan-tri/bai-viet/0192".into(),
        beside: EntryBeside {
            locked_by: Some(("Nguyễn Văn Ví".into(), at("2026-11-23T14:01:00+07:00", "23/11/2026 14:01"))),
            open_notes: vec![(Some("74 hộ".into()), "Danh sách ghi 72 hộ, xin xem lại.".into())],
            history_url: "/quan-tri/bai-viet/0192/lich-su".into(),
            notes_url: "/quan-tri/bai-viet/0192/ghi-chu".into(),
            preview_url: "/quan-tri/bai-viet/0192/xem-thu".into(),
            ..EntryBeside::default()
        },
        state: Some(Badge::new("Cần sửa", Tone::Bad)),
        revision: 3,
        fields: EntryFields {
            title: "Ra quân làm đường bê tông thôn 9, người dân hiến 1.250 m² đất".into(),
            lead: "Tuyến đường dài 820 m được hoàn thành sau 12 ngày với sự góp công của 74 hộ.".into(),
            body: "Sáng 19/11, hơn 200 người dân thôn 9 cùng đoàn viên, dân quân ra quân đổ bê tông.\n\n## Người dân hiến đất\n\n- Hộ ông A Mẫu: 320 m²\n- Hộ bà Y Thử: 210 m²\n\n> “Đường rộng thì con cháu đi học đỡ khổ.”".into(),
            kinds: vec![
                Choice::new("article", "Tin, bài", true),
                Choice::new("notice", "Thông báo", false),
                Choice::new("document", "Văn bản", false),
                Choice::new("page", "Trang giới thiệu", false),
            ],
            sections: vec![Choice::new("nong-thon-moi", "Nông thôn mới", true), Choice::new("kinh-te", "Kinh tế", false)],
            author: "Y Thử".into(),
            picture: Some(picture(5, "")),
            picture_alt: "Người dân đổ bê tông đường thôn".into(),
            picture_focus: focus(),
            pictures: vec![1, 2, 3]
                .into_iter()
                .map(|number| PictureRow {
                    hex: format!("{number:064x}"),
                    src: picture(number, "").src,
                    width: 960,
                    height: 600,
                    alt: "Người dân đổ bê tông".into(),
                    focus: focus(),
                    ..PictureRow::default()
                })
                .collect(),
            files: vec![Attachment {
                name: "Danh sách hộ hiến đất.pdf".into(),
                url: "/media/sha256/dd".into(),
                format: "PDF".into(),
                size: "210 kB".into(),
            }],
            own: KindFields {
                kind: "article".into(),
                forms: vec![Choice::new("quyet-dinh", "Quyết định", true), Choice::new("ke-hoach", "Kế hoạch", false)],
                rows: vec![RowFields {
                    number: 1,
                    ..RowFields::default()
                }],
                ..KindFields::default()
            },
            ..EntryFields::default()
        },
        errors: FormErrors::default(),
        is_secret: false,
        held: vec![DeskNote::new(
            "Giữ lại",
            "Số điện thoại (nội dung, dòng 3): “Liên hệ 0xxxxxx678”. Bấm “Che thông tin riêng”, sửa lại, hoặc nhờ người duyệt cho qua.",
        )],
        unsaved: false,
        note: Some(DeskNote::new(
            "Người duyệt đề nghị sửa",
            "Bổ sung họ tên trưởng thôn và thời gian hoàn thành.",
        )),
        actions: vec![FormAction::new("submit", "Gửi duyệt", true), FormAction::new("save", "Lưu nháp", false)],
        public_url: None,
        others: vec![Link::new("Bài đang ở những trang nào, thu hồi", "/quan-tri/thu-hoi/moi?bai=0192")],
        withdraw_url: None,
        upload_limit: (10 * 1024 * 1024, "10 MB".into()),
        import_url: None,
        local_key: "0192".into(),
    }
}

fn entry_form_with_errors() -> EntryFormPage {
    let mut page = entry_form();
    page.errors.add("title", "Hãy ghi tiêu đề.");
    page.errors.add("picture_alt", "Hãy tả ảnh trong một câu.");
    page.errors.add(
        "issued_on",
        "Ngày 31/02/2026 không có. Hãy gõ lại theo dạng ngày/tháng/năm.",
    );
    page.fields.title = String::new();
    page.fields.picture_alt = String::new();
    page.fields.own.kind = "document".into();
    page.fields.own.issued_on = "31/02/2026".into();
    page.fields.kinds = vec![
        Choice::new("document", "Văn bản", true),
        Choice::new("article", "Tin, bài", false),
    ];
    page.state = None;
    page.note = None;
    page.import_url = Some("/quan-tri/bai-viet/nhap-tu-word".into());
    page.unsaved = true;
    page.withdraw_url = Some("/quan-tri/bai-viet/0192/go".into());
    page.actions = vec![
        FormAction::new("publish", "Duyệt và đăng", true),
        FormAction::new("save", "Lưu nháp", false),
        FormAction::new("return", "Trả lại", false),
    ];
    page
}

fn quota() -> QuotaPage {
    let row = |field, label, value: &str| QuotaRow {
        field,
        label,
        value: value.into(),
    };
    let mut errors = FormErrors::default();
    errors.add("document", "Hãy gõ một số từ 0 đến 1000, hoặc để trống.");
    QuotaPage {
        desk: desk("Chỉ tiêu tin, bài mỗi tháng", "/quan-tri/chi-tieu", false),
        action: "/quan-tri/chi-tieu".into(),
        rows: vec![
            row("article", "Tin, bài", "12"),
            row("notice", "Thông báo", ""),
            row("document", "Văn bản", "nhiều"),
        ],
        errors,
    }
}

fn face() -> FacePage {
    use crate::face::form::{HotlineRow, LinkRow};
    let mut errors = FormErrors::default();
    errors.add("link_address-1", "Hãy ghi địa chỉ bắt đầu bằng “https://”.");
    errors.add("blocks", "Hãy để lại ít nhất một khối trên trang chủ.");
    let picture = Picture {
        src: "/media/sha256/bang".into(),
        width: 1600,
        height: 400,
        ..Picture::default()
    };
    let block = |code: &str, label, sections| FaceBlock {
        code: code.into(),
        label,
        place: "cột rộng",
        is_on: true,
        sections,
    };
    FacePage {
        desk: desk("Giao diện trang", "/quan-tri/trang", false),
        action: "/quan-tri/trang".into(),
        revision: 3,
        emblem: "ab".repeat(32),
        emblem_picture: Some(picture.clone()),
        palettes: vec![
            Choice::new("son", "Đỏ son", false),
            Choice::new("lam", "Xanh lam", true),
        ],
        menu: vec![FaceStep {
            label: "Tin xã".into(),
            targets: vec![
                Choice::new("", "Địa chỉ khác, ghi ở ô bên cạnh", false),
                Choice::new("muc:tin-tuc", "Chuyên mục: Tin tức", true),
            ],
            address: String::new(),
        }],
        blocks: vec![
            block("newest", "Tin mới và bài nổi bật", Vec::new()),
            block(
                "section",
                "Tin của một chuyên mục",
                vec![Choice::new("kinh-te", "Kinh tế", true)],
            ),
        ],
        banners: vec![FaceBanner {
            hex: "ab".repeat(32),
            picture: Some(picture),
            alt: "Lễ hội cồng chiêng".into(),
            link: "/thong-bao".into(),
            until: "2026-12-31".into(),
        }],
        links: vec![LinkRow {
            group: "Trung ương".into(),
            label: "Cổng Chính phủ".into(),
            address: "http://chinhphu.example/".into(),
        }],
        hotlines: vec![HotlineRow {
            label: "Công an xã".into(),
            phone: "0260 3824 113".into(),
        }],
        has_previous: true,
        errors,
    }
}

fn readers_say() -> ReadersSayPage {
    let row = |edit_url: Option<&str>| ReadersSayRow {
        title: "Thủ tục cấp lại giấy khai sinh".into(),
        url: "/bai-viet/khai-sinh".into(),
        kind: "Tin, bài",
        published: at("2026-11-23T13:40:00+07:00", "23/11/2026 13:40"),
        useful: "4".into(),
        useless: "18".into(),
        edit_url: edit_url.map(Into::into),
    };
    ReadersSayPage {
        desk: desk("Người đọc nói gì", "/quan-tri/nguoi-doc", false),
        days: 90,
        rows: vec![row(Some("/quan-tri/bai-viet/1")), row(None)],
    }
}

fn release() -> ReleasePage {
    ReleasePage {
        desk: Desk {
            breadcrumb: vec![Link::new("Tin, bài", "/quan-tri/bai-viet")],
            ..desk("Duyệt và đăng", "/quan-tri/bai-viet", false)
        },
        action: "/quan-tri/bai-viet/0192/dang".into(),
        question: "Đăng bài này?".into(),
        subject: "Ra quân làm đường bê tông thôn 9, người dân hiến 1.250 m² đất".into(),
        consequences: vec![
            "Bài hiện ngay ở trang chủ và chuyên mục Nông thôn mới.".into(),
            "Bài được gửi lên Cổng thông tin điện tử tỉnh Quảng Ngãi.".into(),
        ],
        warnings: vec![
            "Bài có một số điện thoại di động. Hãy chắc rằng số này được phép công khai.".into(),
        ],
        reason_label: Some("Đã sửa gì? Hiện cho bạn đọc; để trống nếu chỉ sửa lỗi gõ.".into()),
        reason: String::new(),
        revision: 3,
        timing: Timing::MaySet,
        publish_on: String::new(),
        publish_time: String::new(),
        urgent: Some(false),
        royalty: Some(super::royalty_samples::fields()),
        button: "Duyệt và đăng".into(),
        may_only_approve: true,
        cancel_url: "/quan-tri/bai-viet/0192".into(),
        errors: FormErrors::default(),
    }
}

fn history() -> HistoryPage {
    let version = |number, autosaved, is_newest| VersionLine {
        number,
        who: "Y Thử".into(),
        at: at("2026-11-23T10:05:00+07:00", "23/11/2026 10:05"),
        autosaved,
        is_newest,
        compare_url: Some("/quan-tri/bai-viet/0192/so-sanh?tu=1&den=2".into()),
        may_restore: !is_newest,
    };
    HistoryPage {
        desk: desk("Lịch sử và các phiên bản", "/quan-tri/bai-viet", false),
        title: "Ra quân làm đường bê tông thôn 9".into(),
        edit_url: "/quan-tri/bai-viet/0192".into(),
        action: "/quan-tri/bai-viet/0192/khoi-phuc".into(),
        compare_action: "/quan-tri/bai-viet/0192/so-sanh".into(),
        revision: 3,
        steps: vec![HistoryStep {
            act: "Trả lại".into(),
            state: Badge::new("Cần sửa", Tone::Warning),
            who: "Nguyễn Văn Ví".into(),
            at: at("2026-11-23T10:07:00+07:00", "23/11/2026 10:07"),
            version: 2,
            comment: Some("Bổ sung họ tên trưởng thôn.".into()),
        }],
        versions: vec![
            version(3, true, true),
            version(2, false, false),
            version(1, false, false),
        ],
    }
}

fn compare() -> ComparePage {
    use crate::newsroom::difference::{Change, Field, Run};
    let run = |change, text: &str| Run {
        change,
        text: text.to_owned(),
    };
    ComparePage {
        desk: desk("So sánh hai bản", "/quan-tri/bai-viet", false),
        title: "Ra quân làm đường bê tông thôn 9".into(),
        old: "Bản 1 – Y Thử, 23/11/2026 10:05".into(),
        new: "Bản 2 – Y Thử, 23/11/2026 10:40".into(),
        history_url: "/quan-tri/bai-viet/0192/lich-su".into(),
        fields: vec![Field {
            label: "Nội dung".into(),
            lines: vec![vec![
                run(Change::Same, "Người dân thôn 9 hiến "),
                run(Change::Removed, "1.200"),
                run(Change::Added, "1.250"),
                run(Change::Same, " m² đất."),
            ]],
        }],
    }
}

fn notes() -> NotesPage {
    NotesPage {
        desk: desk("Ghi chú bên bài", "/quan-tri/bai-viet", false),
        title: "Ra quân làm đường bê tông thôn 9".into(),
        state: Badge::new("Chờ duyệt", Tone::Info),
        lead: "Tuyến đường dài 820 m được hoàn thành sau 12 ngày.".into(),
        body: CleanHtml::from_sanitised("<p>Sáng 19/11, hơn 200 người dân ra quân.</p>"),
        edit_url: "/quan-tri/bai-viet/0192".into(),
        action: "/quan-tri/bai-viet/0192/ghi-chu".into(),
        notes: vec![
            NoteLine {
                id: "1".into(),
                quote: Some("hơn 200 người dân".into()),
                is_there: true,
                words: "Nguồn số liệu?".into(),
                who: "Nguyễn Văn Ví".into(),
                at: at("2026-11-23T10:07:00+07:00", "23/11/2026 10:07"),
                resolved: None,
            },
            NoteLine {
                id: "2".into(),
                words: "Thêm ảnh.".into(),
                resolved: Some("Y Thử đã xong, 23/11/2026 10:20".into()),
                ..NoteLine::default()
            },
        ],
        may_write: true,
        quote: String::new(),
        words: String::new(),
        errors: FormErrors::default(),
    }
}

fn post_checks() -> PostChecksPage {
    PostChecksPage {
        desk: desk("Hậu kiểm", "/quan-tri/hau-kiem", true),
        states: state_links(),
        action: "/quan-tri/hau-kiem".into(),
        rows: vec![PostCheckRow {
            entry: "0192".into(),
            revision: 1,
            title: "Khai giảng lớp học tiếng Ba Na".into(),
            url: "https://konbraih.quangngai.example/bai-viet/khai-giang-0192".into(),
            unit: "Xã Kon Braih".into(),
            due: at("2026-11-23T10:07:00+07:00", "23/11/2026 10:07"),
            is_late: true,
            is_waiting: true,
            verdict: Badge::new("Chờ hậu kiểm", Tone::Info),
            reason: None,
        }],
        pagination: Pagination::new(1, 1, |page| format!("?trang={page}")),
        may_decide: true,
        errors: FormErrors::default(),
    }
}

fn confirm_withdraw() -> ConfirmPage {
    let mut errors = FormErrors::default();
    errors.add("reason", "Hãy ghi lý do, người đọc sẽ thấy dòng này.");
    ConfirmPage {
        question: "Gỡ bài này khỏi trang?".into(),
        consequences: vec![
            "Địa chỉ của bài sẽ báo rằng nội dung đã được gỡ.".into(),
            "Lệnh gỡ cũng được gửi đến mọi nơi đã nhận bài.".into(),
        ],
        warnings: Vec::new(),
        reason_label: Some("Lý do gỡ, hiện cho người đọc".into()),
        button: "Gỡ bài".into(),
        dangerous: true,
        errors,
        desk: desk("Gỡ bài", "/quan-tri/bai-viet", false),
        action: "/quan-tri/bai-viet/0192/go".into(),
        subject: "Ra quân làm đường bê tông thôn 9, người dân hiến 1.250 m² đất".into(),
        reason: String::new(),
        revision: 3,
        cancel_url: "/quan-tri/bai-viet/0192".into(),
    }
}

fn inbox_items() -> Vec<InboxItem> {
    let item = |title: &str, unit: &str, number: u8, urgent: bool| {
        InboxItem {
        url: "/quan-tri/hop-den/0192".into(),
        title: title.into(),
        lead: Some("Trước dự báo mưa to kéo dài đến hết ngày 25/11, các địa phương hoàn thành di dời dân trước 18 giờ.".into()),
        picture: (number > 0).then(|| picture(number, "Cảnh mưa lũ")),
        origin: Origin {
            unit: unit.into(),
            url: Some("https://quangngai.example/bai-viet/x".into()),
        },
        section: "Phòng chống thiên tai".into(),
        arrived: at("2026-11-23T13:41:00+07:00", "23/11/2026 13:41"),
        badge: urgent.then(|| Badge::new("Khẩn", Tone::Bad)),
    }
    };
    vec![
        item(
            "Công điện về ứng phó mưa lũ từ ngày 23 đến 25/11",
            "Tỉnh Quảng Ngãi",
            0,
            true,
        ),
        item(
            "Lễ hội hoa anh đào Măng Đen đón 18.000 lượt khách",
            "Xã Măng Đen",
            7,
            false,
        ),
        item(
            "Ngư dân Lý Sơn trúng đậm vụ cá nục",
            "Đặc khu Lý Sơn",
            8,
            false,
        ),
    ]
}

fn inbox() -> InboxPage {
    InboxPage {
        desk: desk("Hộp đến", "/quan-tri/hop-den", false),
        states: state_links().into_iter().take(3).collect(),
        state: String::new(),
        senders: vec![
            Choice::new("", "Mọi đơn vị", true),
            Choice::new("0192", "Sở Nông nghiệp và Môi trường (12)", false),
            Choice::new("0193", "Đặc khu Lý Sơn (2)", false),
        ],
        items: inbox_items(),
        pagination: Pagination::new(1, 1, |_| String::new()),
    }
}

fn inbox_item() -> InboxItemPage {
    let mut errors = FormErrors::default();
    errors.add("reason", "Hãy ghi lý do trả lại.");
    InboxItemPage {
        desk: Desk {
            breadcrumb: vec![Link::new("Hộp đến", "/quan-tri/hop-den")],
            ..desk("Đọc và quyết định", "/quan-tri/hop-den", false)
        },
        action: "/quan-tri/hop-den/0192".into(),
        item: inbox_items().remove(1),
        body: article().body,
        attachments: article().attachments,
        revision: 2,
        sections: vec![Choice::new("tin-tu-xa", "Tin từ các xã, phường", true)],
        headline: String::new(),
        lead: String::new(),
        featured: false,
        grades: vec![
            Choice::new("", "Không phân loại", true),
            Choice::new("a", "Loại A", false),
        ],
        reason: String::new(),
        can_return: true,
        errors,
        decided: None,
        others: Vec::new(),
    }
}

fn sent() -> SentPage {
    let step = |label: &str, state, when: Option<&str>| WayStep {
        label: label.into(),
        state,
        at: when.map(|when| at("2026-11-23T13:42:00+07:00", when)),
    };
    SentPage {
        desk: desk("Đã gửi lên tỉnh", "/quan-tri/da-gui", false),
        states: state_links().into_iter().take(4).collect(),
        items: vec![
            SentItem {
                url: "/quan-tri/bai-viet/1".into(),
                title: "Kon Braih di dời 120 hộ dân khỏi vùng có nguy cơ sạt lở trước 18 giờ"
                    .into(),
                revision: "bản 2".into(),
                steps: vec![
                    step("Đã gửi", StepState::Done, Some("13:40")),
                    step("Tỉnh đã nhận", StepState::Done, Some("13:40")),
                    step("Tỉnh đã đăng", StepState::Done, Some("13:52")),
                ],
                reason: None,
                published_url: Some("https://quangngai.example/bai-viet/x".into()),
            },
            SentItem {
                url: "/quan-tri/bai-viet/2".into(),
                title: "Mô hình trồng sâm dây dưới tán rừng giúp 36 hộ thoát nghèo".into(),
                revision: "bản 1".into(),
                steps: vec![
                    step("Đã gửi", StepState::Done, Some("22/11 08:15")),
                    step("Tỉnh đã nhận", StepState::Now, Some("22/11 08:16")),
                    step("Tỉnh đăng", StepState::Ahead, None),
                ],
                reason: None,
                published_url: None,
            },
            SentItem {
                url: "/quan-tri/bai-viet/3".into(),
                title: "Lịch tiếp công dân tháng 12".into(),
                revision: "bản 1".into(),
                steps: vec![
                    step("Đã gửi", StepState::Done, Some("20/11 10:00")),
                    step("Tỉnh đã nhận", StepState::Done, Some("20/11 10:00")),
                    step("Tỉnh trả lại", StepState::Failed, Some("20/11 14:30")),
                ],
                reason: Some("Lịch của riêng xã, không cần đăng trên cổng tỉnh.".into()),
                published_url: None,
            },
        ],
        pagination: Pagination::new(1, 1, |_| String::new()),
    }
}

fn desk_error() -> DeskErrorPage {
    DeskErrorPage {
        desk: desk("Không có quyền", "", false),
        explanation: Explanation {
            ways_on: Vec::new(),
            ..Explanation::of(403)
        },
    }
}

// ---------------------------------------------------------------- hub

fn members() -> MembersPage {
    let cell = |column: &str, label: &str, text: &str, sub: &str, is_bad| MemberCell {
        column: column.into(),
        label: label.into(),
        text: text.into(),
        sub: sub.into(),
        is_bad,
        ..MemberCell::default()
    };
    let row = |name: &str, host: &str, state| MemberRow {
        url: "/quan-tri/don-vi/0192".into(),
        name: name.into(),
        host: format!("{host}.quangngai.example"),
        state,
        since: Some(at("2026-11-23T10:55:00+07:00", "23/11/2026 10:55")),
        doubled: None,
        back_at: None,
        cells: vec![
            cell("nhan", "Nhận về", "đã đủ", "", false),
            cell("gui", "Gửi lên", "đã đủ", "", false),
            cell("lien-lac", "Liên lạc cuối", "23/11/2026 14:04", "", false),
            cell("im-lang", "Bài mới nhất", "23/11/2026", "", false),
            cell("hoi-dap", "Hỏi đáp, phản ánh", "3 chờ trả lời", "", false),
            cell(
                "xem",
                "Lượt xem",
                "hôm nay 1.250",
                "tháng này 32.480",
                false,
            ),
            cell("sao-luu", "Sao lưu", "23/11/2026 14:00", "", false),
        ],
    };
    let with = |mut row: MemberRow, place: usize, cell: MemberCell| {
        row.cells[place] = cell;
        row
    };
    let waits = cell(
        "nhan",
        "Nhận về",
        "còn 12 mục",
        "mục cũ nhất chờ 3 giờ 10 phút",
        true,
    );
    let silent = cell(
        "im-lang",
        "Bài mới nhất",
        "10/11/2026",
        "im lặng 13 ngày, quá hạn 7 ngày",
        true,
    );
    let late = cell(
        "hoi-dap",
        "Hỏi đáp, phản ánh",
        "5 chờ trả lời",
        "2 quá hạn",
        true,
    );
    let heads = [
        "Đơn vị",
        "Trạng thái",
        "Nhận về",
        "Gửi lên",
        "Liên lạc cuối",
        "Bài mới nhất",
        "Hỏi đáp, phản ánh",
        "Lượt xem",
        "Sao lưu",
    ];
    MembersPage {
        desk: desk("Đơn vị thành viên", "/quan-tri/don-vi", true),
        made_at: at("2026-11-23T14:05:10+07:00", "14:05:10"),
        figures: [
            ("42", "đơn vị"),
            ("38", "đang trực tuyến"),
            ("12", "mục đang chờ các đơn vị nhận"),
            ("1.250", "tin, bài, văn bản trong tháng"),
            ("31", "câu hỏi, phản ánh chờ trả lời"),
            ("2", "câu hỏi, phản ánh quá hạn"),
        ]
        .into_iter()
        .map(|(value, label)| Figure {
            value: value.into(),
            label: label.into(),
        })
        .collect(),
        states: [
            ("Tất cả", "42", true),
            ("Mất kết nối", "2", false),
            ("Trễ", "1", false),
            ("Mới", "1", false),
            ("Trực tuyến", "38", false),
            ("Tạm dừng", "1", false),
        ]
        .into_iter()
        .map(|(label, count, current)| FilterLink {
            label: label.into(),
            url: "/quan-tri/don-vi?trang-thai=x".into(),
            count: count.into(),
            current,
        })
        .collect(),
        kinds: vec![
            Choice::new("", "Mọi loại đơn vị", true),
            Choice::new("xa", "Xã", false),
        ],
        query: String::new(),
        kept: Vec::new(),
        heads: heads
            .into_iter()
            .map(|label| ColumnHead {
                label: label.into(),
                url: "/quan-tri/don-vi?sap-xep=x".into(),
                sorted: (label == "Nhận về").then_some("ascending"),
            })
            .collect(),
        columns: vec![
            Choice::new("nhan", "Nhận về", true),
            Choice::new("gio", "Đồng hồ", false),
        ],
        total: "42".into(),
        rows: vec![
            with(row("Xã Đăk Kôi", "dakkoi", LinkState::Lost), 0, waits),
            with(row("Xã Măng Bút", "mangbut", LinkState::Late), 3, silent),
            with(row("Xã Kon Braih", "konbraih", LinkState::Online), 4, late),
            row("Phường Kon Tum", "kontum", LinkState::Online),
            row("Xã Sơn Hạ", "sonha2", LinkState::Paused),
            MemberRow {
                since: None,
                back_at: Some(at("2026-11-23T17:00:00+07:00", "23/11/2026 17:00")),
                ..row("Đặc khu Lý Sơn", "lyson", LinkState::New)
            },
        ],
        pagination: Pagination::new(1, 1, |_| String::new()),
        live_url: "/quan-tri/don-vi/song".into(),
        closed: vec![Link::new(
            "xã Ngọk Réo (ngokreo.quangngai.example)",
            "/quan-tri/don-vi/0192/khoa",
        )],
        csv_url: "/quan-tri/don-vi/bang.csv".into(),
        xlsx_url: "/quan-tri/don-vi/bang.xlsx".into(),
        enrol_url: "/quan-tri/don-vi/moi".into(),
    }
}

fn member() -> MemberPage {
    let fact = |name: &str, text: &str, sub: &str, is_bad| MemberFact {
        name: name.into(),
        text: text.into(),
        url: None,
        sub: sub.into(),
        is_bad,
    };
    let lane = |direction: &str, lane: &str, items: &str, oldest: &str| LaneRow {
        direction: direction.into(),
        lane: lane.into(),
        position: "1.250".into(),
        moved: Some(at("2026-11-23T10:55:00+07:00", "23/11/2026 10:55")),
        items: items.into(),
        oldest: oldest.into(),
        is_behind: !oldest.is_empty(),
    };
    let day = |number: u32, code, words: &str| DayBar {
        day: at(
            &format!("2026-11-{number:02}"),
            &format!("{number:02}/11/2026"),
        ),
        code,
        words: words.into(),
    };
    let probe = |label: &str, word: &str, tone, detail: &str| ProbeLine {
        label: label.into(),
        badge: Badge::new(word, tone),
        detail: detail.into(),
        at: at("2026-11-23T13:30:00+07:00", "23/11/2026 13:30"),
        share: "98,50 % của 1.440 lần".into(),
    };
    let step = |label: &str, word: &str, tone, found: &str, advice: Option<&str>| ExaminedStep {
        label: label.into(),
        badge: Badge::new(word, tone),
        found: found.into(),
        advice: advice.map(Into::into),
    };
    MemberPage {
        desk: desk("Xã Đăk Kôi", "/quan-tri/don-vi", true),
        action: "/quan-tri/don-vi/0192".into(),
        url: "https://dakkoi.quangngai.example".into(),
        state: LinkState::Lost,
        seen_at: at("2026-11-23T11:20:07+07:00", "11:20:07"),
        since: Some(at("2026-11-23T10:55:00+07:00", "23/11/2026 10:55")),
        trouble: Some(
            "Không nối được tới máy của đơn vị (unreachable). Từ 23/11/2026 10:40. Tự thử lại sau 4 phút.".into(),
        ),
        facts: vec![
            fact("Nhận về", "còn 12 mục", "mục cũ nhất chờ 3 giờ 10 phút", true),
            fact("Gửi lên", "đã đủ", "", false),
            fact("Sao lưu", "23/11/2026 10:30", "", false),
            fact("Người phụ trách", "Y Mẫu, công chức văn hóa – xã hội", "", false),
        ],
        reachable: Some("99,61 %".into()),
        days: (1..=23)
            .map(|number| match number {
                1..=3 => day(number, "none", "không có số liệu"),
                9 => day(number, "late", "trễ 2 giờ"),
                23 => day(number, "lost", "mất kết nối 3 giờ 10 phút"),
                _ => day(number, "online", "trực tuyến"),
            })
            .collect(),
        lanes: vec![
            lane("Tỉnh gửi đơn vị", "khẩn", "còn 2 mục", "mục cũ nhất chờ 40 phút"),
            lane("Tỉnh gửi đơn vị", "thường", "còn 10 mục", "mục cũ nhất chờ 3 giờ 10 phút"),
            lane("Đơn vị gửi tỉnh", "khẩn", "đã đủ", ""),
            lane("Đơn vị gửi tỉnh", "thường", "đã đủ", ""),
        ],
        probes: vec![
            probe("Truy cập qua HTTPS", "Đạt", Tone::Good, "trang trả lời qua HTTPS"),
            probe(
                "Chứng thư bảo mật",
                "Cần lưu ý",
                Tone::Warning,
                "còn 9 ngày, đến 02/12/2026",
            ),
            probe(
                "Nội dung đúng bản đã ký",
                "Bị sửa",
                Tone::Bad,
                "trang bài của bài “Lịch tiếp công dân tháng 12” hiện nội dung mà đơn vị chưa bao giờ ký",
            ),
        ],
        may_look: true,
        examined: Some(Examined {
            at: at("2026-11-23T13:40:00+07:00", "23/11/2026 13:40"),
            by: "quantri".into(),
            steps: vec![
                step("Tên miền", "Tốt", Tone::Good, "dakkoi.quangngai.example dẫn tới 1.2.3.4", None),
                step(
                    "Kết nối",
                    "Hỏng",
                    Tone::Bad,
                    "không ai trả lời: gói tin bị bỏ giữa đường",
                    Some("Kiểm tra máy có bật không, và tường lửa có mở cổng 443 cho bên ngoài không."),
                ),
                step(
                    "Chứng thư bảo mật",
                    "Chưa kiểm tra",
                    Tone::Quiet,
                    "chưa kiểm tra được vì bước trước hỏng",
                    None,
                ),
            ],
        }),
        may_examine: true,
        vault: Some(VaultRoom {
            used: 17_400_000_000,
            limit: 21_000_000_000,
            warn_at: 16_800_000_000,
            text: "17,4 GB trên 21 GB".into(),
            usual: "21 GB".into(),
        }),
        kinds: vec![
            Figure {
                value: "412".into(),
                label: "tin, bài".into(),
            },
            Figure {
                value: "96".into(),
                label: "văn bản".into(),
            },
        ],
        refused: vec![RefusedLine {
            who: "Tỉnh không nhận của đơn vị".into(),
            why: "Nội dung không khớp với mã băm trong phần đầu.".into(),
            at: at("2026-11-22T08:00:00+07:00", "22/11/2026 08:00"),
        }],
        refused_url: "/quan-tri/tu-choi".into(),
        events: vec![
            MemberEvent {
                state: Some(LinkState::Lost),
                at: at("2026-11-23T10:55:00+07:00", "23/11/2026 10:55"),
                text: "Mất kết nối".into(),
            },
            MemberEvent {
                state: None,
                at: at("2026-11-20T07:30:00+07:00", "20/11/2026 07:30"),
                text: "Chạy lien-cong/0.1.0".into(),
            },
        ],
        links: vec![
            Link::new("Mở cổng của đơn vị", "https://dakkoi.quangngai.example"),
            Link::new("Khóa của đơn vị", "/quan-tri/don-vi/0192/khoa"),
        ],
        may_suspend: true,
        is_suspended: false,
        may_close: true,
        unit_name: "xã Đăk Kôi".into(),
        may_note: true,
        changed: Some("Trần Thị Mẫu, 22/11/2026 09:00".into()),
        form: MemberForm {
            grace: "30".into(),
            silent_days: "14".into(),
            note: "Mưa lũ hay làm đứt cáp; gọi trạm viễn thông Đăk Kôi trước.".into(),
            quota: String::new(),
            closing: String::new(),
        },
        errors: FormErrors::default(),
        members_url: "/quan-tri/don-vi".into(),
    }
}

fn enrol() -> EnrolPage {
    let mut errors = FormErrors::default();
    errors.add(
        "host",
        "Tên miền này đã thuộc về xã Ba Tơ. Hãy gõ tên miền khác.",
    );
    EnrolPage {
        desk: Desk {
            breadcrumb: vec![Link::new("Đơn vị thành viên", "/quan-tri/don-vi")],
            ..desk("Thêm đơn vị", "/quan-tri/don-vi", true)
        },
        action: "/quan-tri/don-vi".into(),
        unit: String::new(),
        name: "Xã Ba Tô".into(),
        unit_kinds: vec![
            Choice::new("xa", "Xã", true),
            Choice::new("phuong", "Phường", false),
            Choice::new("dac-khu", "Đặc khu", false),
        ],
        gso_code: "21523".into(),
        host: "bato.quangngai.example".into(),
        connections: vec![
            Choice::new("native", "Trang dùng Liên Cổng", true),
            Choice::new(
                "feed",
                "Trang dùng phần mềm khác, đọc qua RSS hoặc Atom",
                false,
            ),
        ],
        feed_url: String::new(),
        contact: String::new(),
        errors,
    }
}

fn enrolled() -> EnrolledPage {
    EnrolledPage {
        desk: Desk {
            breadcrumb: vec![Link::new("Đơn vị thành viên", "/quan-tri/don-vi")],
            ..desk("Mã kết nối của xã Ba Tô", "/quan-tri/don-vi", true)
        },
        name: "Xã Ba Tô".into(),
        code: "K7QM-3XNA-P2HD-9WTE".into(),
        expires: at("2026-11-24T14:05:00+07:00", "14:05 ngày 24/11/2026"),
        command: "member-site join --hub https://quangngai.example".into(),
        bundle_url: Some("/quan-tri/don-vi/0192/bo-cai-dat.zip".into()),
        member_url: "/quan-tri/don-vi/0192".into(),
    }
}

fn alerts() -> AlertsPage {
    let row = |unit: &str, what: &str, tone, detail: &str, lasted: &str| AlertRow {
        id: "7".into(),
        unit: Link::new(unit, "/quan-tri/don-vi/0192"),
        badge: Badge::new(what, tone),
        detail: detail.into(),
        since: at("2026-11-29T06:40:00+07:00", "29/11/2026 06:40"),
        lasted: lasted.into(),
        ..AlertRow::default()
    };
    AlertsPage {
        desk: desk("Cảnh báo", "/quan-tri/canh-bao", true),
        action: "/quan-tri/canh-bao".into(),
        open: vec![
            row(
                "Xã Măng Bút",
                "Mất kết nối",
                Tone::Warning,
                "lần cuối liên lạc lúc 29/11/2026 06:38",
                "1 giờ 20 phút",
            ),
            AlertRow {
                known_by: Some("Y Thảo".into()),
                known_at: Some(at("2026-11-29T07:10:00+07:00", "29/11/2026 07:10")),
                ..row(
                    "Xã Đăk Rve",
                    "Lâu không đăng tin",
                    Tone::Warning,
                    "12 ngày không có tin mới, hạn mức 7 ngày",
                    "5 ngày",
                )
            },
        ],
        over: vec![AlertRow {
            until: Some(at("2026-11-28T10:00:00+07:00", "28/11/2026 10:00")),
            ..row(
                "Xã Kon Braih",
                "Đồng hồ sai",
                Tone::Quiet,
                "nhanh 4 phút so với giờ của tỉnh",
                "40 phút",
            )
        }],
        messages: vec![SentRow {
            to: "Trực cổng tỉnh".into(),
            subject: "[Cổng thông tin điện tử tỉnh] 1 đơn vị: mất kết nối".into(),
            at: at("2026-11-29T06:42:00+07:00", "29/11/2026 06:42"),
            state: Badge::new("đã nhận", Tone::Good),
        }],
        has_recipients: true,
        recipients: Some(Link::new(
            "Nơi nhận cảnh báo",
            "/quan-tri/canh-bao/noi-nhan",
        )),
        may_know: true,
        unknown: 1,
    }
}

fn alert_recipients() -> RecipientsPage {
    let row = |name: &str, how: &str, address: &str, state| RecipientRow {
        id: "0192".into(),
        name: name.into(),
        how: how.into(),
        address: address.into(),
        rules: "ngay khi có; từ 22:00 đến 06:00 chỉ báo việc khẩn".into(),
        state,
        active: true,
        ..RecipientRow::default()
    };
    RecipientsPage {
        desk: desk("Nơi nhận cảnh báo", "/quan-tri/canh-bao", true),
        action: "/quan-tri/canh-bao/noi-nhan".into(),
        new_url: "/quan-tri/canh-bao/noi-nhan/moi".into(),
        lacks_mail: true,
        rows: vec![
            row(
                "Trực cổng tỉnh",
                "thư điện tử",
                "truc-cong@quangngai.example",
                Badge::new("nhận được", Tone::Good),
            ),
            RecipientRow {
                failure: Some("máy chủ trả lời mã 503".into()),
                ..row(
                    "Trung tâm điều hành",
                    "webhook (phần mềm khác nhận)",
                    "https://ioc.quangngai.example/lien-cong",
                    Badge::new("không gửi được", Tone::Bad),
                )
            },
        ],
    }
}

fn alert_recipient_form() -> RecipientFormPage {
    RecipientFormPage {
        desk: desk("Thêm nơi nhận", "/quan-tri/canh-bao", true),
        action: "/quan-tri/canh-bao/noi-nhan/moi".into(),
        has_mail: false,
        channels: vec![
            Choice::new("email", "thư điện tử", true),
            Choice::new("webhook", "webhook (phần mềm khác nhận)", false),
        ],
        after: vec![Choice::new("0", "ngay khi có", true)],
        fields: RecipientFields {
            name: "Trực cổng tỉnh".into(),
            address: "truc-cong".into(),
            quiet_from: "22:00".into(),
            quiet_to: "06:00".into(),
        },
        errors: FormErrors(vec![FieldError {
            field: "address".into(),
            text: "Địa chỉ thư chưa đúng.".into(),
        }]),
        cancel_url: "/quan-tri/canh-bao/noi-nhan".into(),
    }
}

fn routes() -> RoutesPage {
    let route = |what: &str, from: &str, to: &str, placement: &str, active| RouteRow {
        id: "0192".into(),
        url: "/quan-tri/tuyen-tin/0192".into(),
        removal_url: "/quan-tri/tuyen-tin/0192/xoa".into(),
        from: from.into(),
        what: what.into(),
        to: to.into(),
        placement: placement.into(),
        active,
        warnings: match active {
            true => Vec::new(),
            false => vec![
                "Xã Tân Lập không còn từ 01/07/2025, nay thuộc xã Kon Braih. Hãy sửa tuyến.".into(),
            ],
        },
    };
    RoutesPage {
        desk: desk("Tuyến tin", "/quan-tri/tuyen-tin", true),
        action: "/quan-tri/tuyen-tin".into(),
        routes: vec![
            route("Thông báo khẩn", "Tỉnh", "Mọi đơn vị", "đăng ngay", true),
            route(
                "Phòng chống thiên tai",
                "Mọi đơn vị",
                "Các xã giáp ranh",
                "vào hộp đến",
                true,
            ),
            route(
                "Du lịch",
                "Tỉnh",
                "Măng Đen, Kon Plông, Lý Sơn",
                "vào hộp đến",
                false,
            ),
        ],
        new_url: "/quan-tri/tuyen-tin/moi".into(),
    }
}

fn route_form() -> RouteFormPage {
    let receiver = |name: &str, badge| RouteReceiver {
        name: name.into(),
        badge,
    };
    RouteFormPage {
        desk: desk("Thêm tuyến", "/quan-tri/tuyen-tin", true),
        action: "/quan-tri/tuyen-tin/moi".into(),
        name: String::new(),
        from: vec![Choice::new("own", "Tin của tỉnh", true)],
        sections: vec![
            Choice::new("phong-chong-thien-tai", "Phòng chống thiên tai", true),
            Choice::new("kinh-te", "Kinh tế", false),
        ],
        kinds: vec![Choice::new("notice", "Thông báo", true)],
        to: vec![
            Choice::new("everyone", "Mọi đơn vị", false),
            Choice::new("levels", "Theo loại đơn vị", true),
            Choice::new("below", "Một đơn vị và các đơn vị bên dưới", false),
            Choice::new("units", "Những đơn vị được chọn", false),
        ],
        levels: vec![
            Choice::new("xa", "Các xã", true),
            Choice::new("phuong", "Các phường", false),
        ],
        below: vec![Choice::new("0193", "Tỉnh Quảng Ngãi", true)],
        units: vec![
            Choice::new("0194", "Xã Kon Braih", false),
            Choice::new("0195", "Xã Măng Đen", false),
        ],
        modes: vec![Choice::new("mandatory", "đăng ngay", true)],
        moments: vec![Choice::new("arrival", "ngay khi tin đến tỉnh", true)],
        lanes: vec![Choice::new(
            "urgent",
            "khẩn: đi trước mọi thứ đang chờ",
            true,
        )],
        errors: FormErrors::default(),
        preview: Some(RoutePreview {
            mark: "sha-256:00".into(),
            is_other: false,
            title: "3 đơn vị nhận".into(),
            receivers: vec![
                receiver("Xã Kon Braih", None),
                receiver(
                    "Xã Măng Bút",
                    Some(Badge::new("đang tạm dừng", Tone::Warning)),
                ),
                receiver(
                    "Xã Đăk Rve",
                    Some(Badge::new("phần mềm khác", Tone::Warning)),
                ),
            ],
            others: vec!["Phường Kon Tum".into(), "Sở Tài chính".into()],
            warnings: vec![
                "1 đơn vị đang tạm dừng: nhận khi được nối lại.".into(),
                "Tin hiện ngay trên trang của nơi nhận, không qua người duyệt ở đó.".into(),
            ],
            carried: "Trong 30 ngày qua có 2 tin thuộc tuyến này, mới nhất:".into(),
            examples: vec!["Cảnh báo lũ quét trên sông Đăk Bla (Tỉnh Quảng Ngãi)".into()],
        }),
        cancel_url: "/quan-tri/tuyen-tin".into(),
    }
}

fn keys() -> KeysPage {
    let key = |state: &str, to: Option<Stamp>, cut: Option<Stamp>| KeyRow {
        id: "1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y".into(),
        state: state.into(),
        from: at("2026-11-02T08:00:00+07:00", "02/11/2026 08:00"),
        to,
        cut,
    };
    KeysPage {
        desk: desk("Khóa của đơn vị", "/quan-tri/don-vi", true),
        action: "/quan-tri/don-vi/0192/khoa".into(),
        name: "Xã Măng Bút".into(),
        keys: vec![
            key("đang dùng", None, None),
            key(
                "đã thu hồi",
                Some(at("2026-11-20T10:00:00+07:00", "20/11/2026 10:00")),
                Some(at("2026-11-19T10:00:00+07:00", "19/11/2026 10:00")),
            ),
        ],
        revocable: true,
        needs_code: false,
        since: "2026-11-23T12:00".into(),
        errors: FormErrors::default(),
        members_url: "/quan-tri/don-vi".into(),
    }
}

fn quarantine() -> QuarantinePage {
    QuarantinePage {
        desk: desk("Mục bị cách ly", "/quan-tri/cach-ly", true),
        action: "/quan-tri/cach-ly".into(),
        rows: vec![QuarantineRow {
            id: "17".into(),
            unit: "Xã Măng Bút".into(),
            title: "Thông báo lịch cắt nước".into(),
            kind: "sửa bài".into(),
            at: at("2026-11-23T12:00:00+07:00", "23/11/2026 12:00"),
        }],
        pagination: Pagination::new(1, 1, |_| String::new()),
    }
}

fn audit() -> AuditPage {
    let row = |seq: &str, who: &str, action: &str, subject: Option<&str>, refused| AuditRow {
        seq: seq.into(),
        at: at("2026-11-23T12:00:00+07:00", "23/11/2026 12:00"),
        who: who.into(),
        session: (who == "y.thu").then(|| "9f2c41aa".into()),
        action: action.into(),
        subject: subject.map(Into::into),
        url: None,
        change: (action == "Đổi vai trò").then(|| "Biên tập viên → Người duyệt".into()),
        origin: Some("2001:db8:42:1f::17, cổng 51234".into()),
        refused,
        times: refused.then(|| "4.812".into()),
    };
    AuditPage {
        desk: desk("Nhật ký thao tác", "/quan-tri/nhat-ky", false),
        action: "/quan-tri/nhat-ky".into(),
        filter: AuditFilter {
            words: String::new(),
            groups: vec![Choice::new("", "Mọi việc", true)],
            outcomes: vec![Choice::new("", "Tất cả", true)],
            from: "2026-11-01".into(),
            to: String::new(),
        },
        rows: vec![
            row(
                "1.204",
                "y.thu",
                "Đăng",
                Some("Bài đã đăng: Kon Braih ra quân làm đường nội đồng trước mùa mưa"),
                false,
            ),
            row(
                "1.203",
                "y.thu",
                "Đổi vai trò",
                Some("Tài khoản: a.mau"),
                false,
            ),
            row("1.202", "Chưa đăng nhập", "Đăng nhập", None, true),
        ],
        verdict: AuditVerdict {
            at: Some(at("2026-11-23T02:00:00+07:00", "23/11/2026 02:00")),
            text: "1.180 dòng, nguyên vẹn.".into(),
            broken: None,
        },
        exports: vec![Link::new("Xuất CSV", "/quan-tri/nhat-ky/xuat?dang=csv")],
        pagination: Pagination::new(1, 3, |number| format!("/quan-tri/nhat-ky?trang={number}")),
    }
}

fn audit_heads() -> AuditHeadsPage {
    let row = |name: &str, mismatch: Option<&str>| AuditHeadRow {
        id: "0192".into(),
        name: name.into(),
        head: Some("dòng 1.204, 5f70bf18a086".into()),
        told: Some(at("2026-11-23T12:00:00+07:00", "23/11/2026 12:00")),
        mismatch: mismatch.map(|what| AuditMismatch {
            what: what.into(),
            at: at("2026-11-23T11:00:00+07:00", "23/11/2026 11:00"),
        }),
    };
    AuditHeadsPage {
        desk: desk("Nhật ký của các đơn vị", "/quan-tri/don-vi/nhat-ky", true),
        action: "/quan-tri/don-vi/nhat-ky".into(),
        may_settle: true,
        rows: vec![
            row(
                "Xã Măng Bút",
                Some(
                    "Dòng 981 trước đây có mã băm 5f70bf18a086, nay là c0ffee123456: nhật ký từ dòng này trở về trước đã bị ghi lại.",
                ),
            ),
            row("Xã Kon Braih", None),
        ],
    }
}

fn refused() -> RefusedPage {
    let row = |title: Option<&str>, problem: &str, reason: &str, retryable| RefusedRow {
        id: "0192".into(),
        sender: "Xã Măng Bút".into(),
        place: "luồng thường, số 1.204".into(),
        title: title.map(Into::into),
        reason: reason.into(),
        problem: problem.into(),
        at: at("2026-11-23T12:00:00+07:00", "23/11/2026 12:00"),
        retryable,
        resendable: !retryable,
    };
    RefusedPage {
        desk: desk("Mục bị từ chối", "/quan-tri/tu-choi", true),
        action: "/quan-tri/tu-choi".into(),
        rows: vec![
            row(
                Some("Thông báo lịch cắt nước"),
                "bad-signature",
                "Chữ ký không khớp với khóa của đơn vị. Hãy kiểm tra việc thay khóa rồi thử lại.",
                true,
            ),
            row(
                None,
                "unknown-kind",
                "Loại nội dung “quiz” chưa được hỗ trợ ở phiên bản này.",
                false,
            ),
        ],
        pagination: Pagination::new(1, 1, |_| String::new()),
    }
}

fn recall_row() -> RecallRow {
    RecallRow {
        url: "/quan-tri/thu-hoi/12".into(),
        title: Some("Danh sách hộ nhận hỗ trợ đợt 2".into()),
        unit: "Xã Kon Braih".into(),
        reason: "Có thông tin cá nhân của người dân.".into(),
        basis: Some("Công văn số 12/UBND-VX ngày 23/11/2026".into()),
        erase: false,
        at: at("2026-11-23T14:05:00+07:00", "23/11/2026 14:05"),
        by: "A Mẫu".into(),
        progress: Badge::new("Sạch ở 2/3 trang", Tone::Bad),
        replacement: Some(Link::new("Danh sách đã rút gọn", "/bai-viet/moi")),
        lifted: None,
    }
}

fn recalls() -> RecallsPage {
    RecallsPage {
        desk: desk("Thu hồi", "/quan-tri/thu-hoi", true),
        order_url: "/quan-tri/thu-hoi/moi".into(),
        search_url: "/quan-tri/thu-hoi/tim".into(),
        action: "/quan-tri/thu-hoi".into(),
        may_order: true,
        proposals: vec![recall_proposal()],
        policies: vec![
            Choice::new("never", "Một người là đủ", false),
            Choice::new(
                "always",
                "Mọi lệnh thu hồi cần người thứ hai xác nhận",
                true,
            ),
        ],
        policy: "Mọi lệnh thu hồi cần người thứ hai xác nhận".into(),
        rows: vec![
            recall_row(),
            RecallRow {
                title: None,
                erase: true,
                progress: Badge::new("Sạch ở 3/3 trang", Tone::Good),
                ..recall_row()
            },
            RecallRow {
                lifted: Some(RecallLifted {
                    at: at("2026-11-23T15:00:00+07:00", "23/11/2026 15:00"),
                    by: "Nguyễn Thị Mẫu".into(),
                    why: "Thu hồi nhầm bài.".into(),
                    is_back: true,
                }),
                ..recall_row()
            },
        ],
        pagination: Pagination::default(),
    }
}

fn recall_proposal() -> RecallProposal {
    RecallProposal {
        id: "0199a000000070008000000000000009".into(),
        found: recall_found(),
        reason: "Lộ thông tin cá nhân của người dân.".into(),
        basis: Some("Công văn 12/UBND-VX".into()),
        erase: true,
        by: "Trần Văn Thử".into(),
        at: at("2026-11-23T14:00:00+07:00", "23/11/2026 14:00"),
        may_confirm: true,
    }
}

fn recall_found() -> RecallFound {
    RecallFound {
        title: "Danh sách hộ nhận hỗ trợ đợt 2".into(),
        unit: "Xã Kon Braih".into(),
        url: "https://konbraih.quangngai.example/bai-viet/danh-sach-ho-0199a000000070008000000000000005".into(),
    }
}

fn recall_of_one() -> RecallPage {
    let step = |label: &str, done: bool| RecallStep {
        label: label.into(),
        at: done.then(|| at("2026-11-23T14:05:02+07:00", "14:05:02")),
        missing: "chưa, đã 12 phút".into(),
    };
    let row = |name: &str, done: usize| RecallSiteRow {
        name: name.into(),
        url: "https://konbraih.quangngai.example".into(),
        steps: ["Đã gửi", "Đã nhận", "Đã gỡ", "Đã sạch"]
            .into_iter()
            .enumerate()
            .map(|(place, label)| step(label, place < done))
            .collect(),
        seen: (done < 4).then(|| "không kết nối được".into()),
        looked: (done < 4).then(|| at("2026-11-23T14:16:00+07:00", "14:16")),
        is_open: done < 4,
        responsible: (done < 4).then(|| "Ông A Mẫu, Chủ tịch UBND xã".into()),
        phone: (done < 4).then(|| "0260 3 000 000".into()),
    };
    RecallPage {
        desk: desk("Thu hồi", "/quan-tri/thu-hoi", true),
        row: recall_row(),
        sites: vec![row("Xã Đăk Kôi", 1), row("Xã Kon Braih", 4)],
        csv_url: "/quan-tri/thu-hoi/7/bao-cao.csv".into(),
        xlsx_url: "/quan-tri/thu-hoi/7/bao-cao.xlsx".into(),
        lift_url: Some("/quan-tri/thu-hoi/7".into()),
        why: String::new(),
        errors: FormErrors::default(),
    }
}

fn recall_search() -> RecallSearchPage {
    let hit = |id: &str, unit: &str, title: &str, context: Option<&str>| RecallHit {
        id: id.into(),
        chosen: true,
        title: title.into(),
        url: "https://mangbut.quangngai.example/bai-viet/01".into(),
        unit: unit.into(),
        at: at("2026-11-28T09:15:00+07:00", "28/11/2026 09:15"),
        context: context.map(Into::into),
    };
    RecallSearchPage {
        desk: desk("Tìm để thu hồi", "/quan-tri/thu-hoi", true),
        action: "/quan-tri/thu-hoi/tim".into(),
        q: "0912 345 678".into(),
        was_asked: true,
        is_more: true,
        hits: vec![
            hit(
                "0192",
                "Xã Măng Bút",
                "Niêm yết danh sách hộ nhận hỗ trợ sửa nhà",
                Some("hộ ông A Mẫu, điện thoại 0912 345 678, thôn Đăk Chun"),
            ),
            hit("0193", "Xã Kon Braih", "Ảnh chụp danh sách ký nhận", None),
        ],
        reason: "Lộ thông tin cá nhân của người dân.".into(),
        basis: String::new(),
        erase: false,
        errors: FormErrors(vec![FieldError {
            field: "count".into(),
            text: "Đang đánh dấu 2 bài. Hãy gõ đúng số ấy để xác nhận.".into(),
        }]),
        cancel_url: "/quan-tri/thu-hoi".into(),
    }
}

fn recall_form() -> RecallFormPage {
    RecallFormPage {
        desk: desk("Thu hồi một bài", "/quan-tri/thu-hoi", true),
        action: "/quan-tri/thu-hoi/moi".into(),
        entry: "https://konbraih.quangngai.example/bai-viet/danh-sach-ho-0199a000000070008000000000000005".into(),
        found: Some(recall_found()),
        whereabouts: RecallWhere {
            summary: "Đã tới 41 trong 45 trang thành viên; 4 trang chưa nhận.".into(),
            behind: vec!["Xã Đăk Kôi".into(), "Xã Măng Bút".into()],
            more: 2,
        },
        replacement: String::new(),
        word: "Danh".into(),
        second_person: "Mọi lệnh thu hồi cần người thứ hai xác nhận.".into(),
        reason: String::new(),
        basis: String::new(),
        erase: false,
        errors: vec![("reason", "Hãy ghi lý do; bạn đọc sẽ thấy lý do này.")]
            .into_iter()
            .fold(FormErrors::default(), |mut errors, (field, text)| {
                errors.add(field, text);
                errors
            }),
    }
}
