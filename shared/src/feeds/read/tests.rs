//! Documents as they are found in the wild, and as somebody might send them on purpose.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use super::guard::{Document, Limits};
use super::identity::Identity;
use super::*;

fn document(bytes: impl Into<Bytes>, content_type: Option<&str>) -> Document {
    Document {
        bytes: bytes.into(),
        content_type: content_type.map(str::to_owned),
        url: Url::parse("https://xa.example/tin/rss").unwrap(),
    }
}

fn try_read(bytes: impl Into<Bytes>) -> Result<ReadFeed, ReadError> {
    let deadline = Instant::now() + Duration::from_secs(60);
    parse::parse(&document(bytes, None), &Limits::STANDARD, deadline)
}

fn read(bytes: impl Into<Bytes>) -> ReadFeed {
    try_read(bytes).unwrap()
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Xã Kon Rẫy</title>\
         <link>https://xa.example/</link><description>Tin</description>{items}</channel></rss>"
    )
}

fn item(number: usize) -> String {
    format!(
        "<item><title>Tin {number}</title><guid isPermaLink=\"false\">g{number}</guid>\
         <link>https://xa.example/{number}</link><description>Lời {number}</description></item>"
    )
}

fn atom(entries: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"vi\"><id>urn:x</id>\
         <title>Xã Kon Rẫy</title><updated>2026-11-20T00:00:00Z</updated>{entries}</feed>"
    )
}

fn entry(number: usize) -> String {
    format!(
        "<entry><id>urn:x:{number}</id><title>Tin {number}</title>\
         <link href=\"/{number}\"/><updated>2026-11-20T00:00:00Z</updated>\
         <content type=\"html\">&lt;p&gt;Lời {number}&lt;/p&gt;</content></entry>"
    )
}

fn titles(feed: &ReadFeed) -> Vec<&str> {
    feed.entries
        .iter()
        .filter_map(|entry| entry.title.as_deref())
        .collect()
}

fn reasons(feed: &ReadFeed) -> Vec<(usize, &str)> {
    let reasons = feed.quarantined.iter();
    reasons
        .map(|entry| (entry.position, entry.reason.as_str()))
        .collect()
}

// What a healthy document gives.

#[test]
fn an_rss_feed_gives_all_it_has() {
    let feed = read(rss(concat!(
        "<item><title>Họp &amp;amp; hành &lt;b&gt;xã&lt;/b&gt;</title>",
        "<link>https://xa.example/hop</link><guid isPermaLink=\"false\">42</guid>",
        "<pubDate>Fri, 20 Nov 2026 08:30:00 +0700</pubDate>",
        "<dc:creator>A Mẫu</dc:creator><author>y@xa.example (Y Thử)</author>",
        "<category>Tin tức</category><description>&lt;p&gt;Lời dẫn&lt;/p&gt;</description>",
        "<content:encoded><![CDATA[<p>Toàn <b>văn</b><script>x</script></p>]]></content:encoded>",
        "<enclosure url=\"/a.pdf\" length=\"5\" type=\"application/pdf\"/>",
        "<source url=\"https://khac.example/rss\">Nơi khác</source></item>",
    )));
    assert_eq!(feed.format, Format::Rss);
    assert_eq!(feed.title.as_deref(), Some("Xã Kon Rẫy"));
    assert!(feed.warnings.is_empty(), "{:?}", feed.warnings);
    assert_eq!(
        feed.entries,
        [ForeignEntry {
            identity: Identity::Guid("42".into()),
            guid: Some("42".into()),
            link: Some("https://xa.example/hop".into()),
            title: Some("Họp & hành xã".into()),
            summary: Some("Lời dẫn".into()),
            content_html: Some("<p>Toàn <b>văn</b><script>x</script></p>".into()),
            base: "https://xa.example/hop".into(),
            published: Some("2026-11-20T01:30:00Z".parse().unwrap()),
            updated: Some("2026-11-20T01:30:00Z".parse().unwrap()),
            authors: vec!["A Mẫu".into(), "Y Thử".into()],
            tags: vec!["Tin tức".into()],
            enclosures: vec![ForeignEnclosure {
                url: "https://xa.example/a.pdf".into(),
                mime: Some("application/pdf".into()),
                length: Some(5),
                title: None,
            }],
            language: None,
            source: Some("https://khac.example/rss".into()),
            native: None,
        }]
    );
}

#[test]
fn an_atom_feed_gives_all_it_has() {
    let feed = read(atom(concat!(
        "<entry xml:lang=\"bdq\" xml:base=\"/thu-muc/\"><id>urn:uuid:1</id>",
        "<title type=\"html\">A &amp;lt; B</title><link rel=\"replies\" href=\"/r\"/>",
        "<link href=\"tin\"/><link rel=\"enclosure\" href=\"a.jpg\" type=\"image/jpeg\" length=\"9\" title=\"Ảnh\"/>",
        "<published>2026-11-19T00:00:00Z</published><updated>2026-11-20T00:00:00Z</updated>",
        "<author><name>A Mẫu</name></author><category term=\"news\" label=\"Tin\"/>",
        "<summary>1 &lt; 2</summary>",
        "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Văn</p></div></content>",
        "<source><id>urn:goc</id><title>Gốc</title><updated>2026-01-01T00:00:00Z</updated></source></entry>",
    )));
    let entry = &feed.entries[0];
    assert_eq!(entry.identity, Identity::Guid("urn:uuid:1".into()));
    assert_eq!(entry.title.as_deref(), Some("A < B"));
    assert_eq!(
        entry.link.as_deref(),
        Some("https://xa.example/thu-muc/tin")
    );
    assert_eq!(entry.base, "https://xa.example/thu-muc/");
    assert_eq!(entry.summary.as_deref(), Some("1 < 2"));
    assert_eq!(entry.content_html.as_deref(), Some("<p>Văn</p>"));
    assert_eq!(entry.language.as_deref(), Some("bdq"));
    assert_eq!(entry.source.as_deref(), Some("urn:goc"));
    assert_eq!(entry.tags, ["Tin"]);
    assert_eq!(
        entry.published,
        Some("2026-11-19T00:00:00Z".parse().unwrap())
    );
    assert_eq!(
        entry.enclosures,
        [ForeignEnclosure {
            url: "https://xa.example/thu-muc/a.jpg".into(),
            mime: Some("image/jpeg".into()),
            length: Some(9),
            title: Some("Ảnh".into()),
        }]
    );
}

#[test]
fn a_json_feed_gives_all_it_has() {
    let feed = read(
        json!({
            "version": "https://jsonfeed.org/version/1.1", "title": "Xã", "language": "vi",
            "items": [{
                "id": "1", "url": "/tin/1", "title": "Tin", "content_text": "một\n\nhai < ba",
                "date_published": "2026-11-20T08:30:00+07:00", "author": {"name": "A Mẫu"},
                "authors": [{"name": "A Mẫu"}, {"name": "Y Thử"}, {}], "tags": ["Tin", 5],
                "attachments": [{"url": "a.pdf", "mime_type": "application/pdf", "size_in_bytes": 5}, "x"],
            }],
        })
        .to_string(),
    );
    let entry = &feed.entries[0];
    assert_eq!(feed.format, Format::Json);
    assert_eq!(entry.link.as_deref(), Some("https://xa.example/tin/1"));
    assert_eq!(
        entry.content_html.as_deref(),
        Some("<p>một</p><p>hai &lt; ba</p>")
    );
    assert_eq!(
        entry.published,
        Some("2026-11-20T01:30:00Z".parse().unwrap())
    );
    assert_eq!(entry.authors, ["A Mẫu", "Y Thử"]);
    assert_eq!(entry.tags, ["Tin"]);
    assert_eq!(entry.language.as_deref(), Some("vi"));
    assert_eq!(entry.enclosures[0].url, "https://xa.example/tin/a.pdf");
}

#[test]
fn rdf_is_read() {
    for namespace in [
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
    ] {
        let feed = read(format!(
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"{namespace}\">\
             <channel><title>Xã</title></channel>\
             <item rdf:about=\"https://xa.example/1\"><title>Tin</title><link>https://xa.example/1</link></item>\
             </rdf:RDF>"
        ));
        assert_eq!(feed.format, Format::Rdf);
        assert_eq!(feed.title.as_deref(), Some("Xã"));
        assert_eq!(
            feed.entries[0].identity,
            Identity::Link("https://xa.example/1".into())
        );
    }
}

#[test]
fn what_we_write_we_read() {
    use crate::feeds::model::*;
    let time = "2026-11-20T00:00:00Z".parse().unwrap();
    let written = FeedDocument {
        id: "urn:uuid:feed".into(),
        title: "Xã".into(),
        subtitle: None,
        self_url: "https://xa.example/atom".into(),
        site_url: "https://xa.example/".into(),
        hub_url: None,
        language: "vi".into(),
        updated: time,
        author: "UBND xã".into(),
        entries: Vec::new(),
        tombstones: vec![Tombstone {
            entry: "urn:uuid:1".into(),
            when: time,
            by: Some("Sở Ví Dụ".into()),
            comment: Some("Đăng nhầm & thiếu".into()),
            kind: TombstoneKind::Recall,
        }],
        archive: Some(ArchiveLinks {
            is_archive: true,
            current: Some("https://xa.example/atom".into()),
            prev: Some("https://xa.example/atom/luu-tru/1".into()),
            next: None,
        }),
    };
    let stone = ForeignTombstone {
        entry: "urn:uuid:1".into(),
        when: Some(time),
        by: Some("Sở Ví Dụ".into()),
        comment: Some("Đăng nhầm & thiếu".into()),
    };
    let atom = read(crate::feeds::atom::write(&written));
    assert_eq!(atom.tombstones, std::slice::from_ref(&stone));
    assert_eq!(Some(atom.archive), written.archive);
    let rss = read(crate::feeds::rss::write(&written));
    assert_eq!(Some(rss.archive), written.archive);
    let json = read(crate::feeds::json_feed::write(&written, Vec::new()));
    assert_eq!(json.tombstones, [stone]);
}

// Items of our own kind.

#[test]
fn a_native_item_is_recognised_and_goes_by_its_id_alone() {
    let native = |id: Option<&str>, title: &str| {
        let mut item =
            json!({"title": title, "url": "https://xa.example/", "_lien_cong": {"header": {}}});
        if let Some(id) = id {
            item["id"] = id.into();
        }
        item
    };
    let items = [
        native(Some("urn:uuid:1"), "Một"),
        native(Some("urn:uuid:2"), "Một"),
        native(None, "Không tên"),
    ];
    let feed =
        read(json!({"version": "https://jsonfeed.org/version/1.1", "items": items}).to_string());
    assert_eq!(
        feed.entries[0].identity,
        Identity::Native("urn:uuid:1".into())
    );
    assert_eq!(
        feed.entries[1].identity,
        Identity::Native("urn:uuid:2".into())
    );
    assert_eq!(feed.entries[0].native, Some(items[0].clone()));
    assert_eq!(reasons(&feed), [(2, "it has a signed header but no id")]);
    assert!(feed.warnings.is_empty(), "{:?}", feed.warnings);
}

// Charsets.

#[test]
fn a_utf_16_feed_does_not_bring_the_reader_down() {
    let text = rss(&item(1)).replace("utf-8", "UTF-16");
    let big_endian: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(titles(&read(big_endian.clone())), ["Tin 1"]);
    let with_mark = [b"\xfe\xff".to_vec(), big_endian].concat();
    assert_eq!(titles(&read(with_mark)), ["Tin 1"]);
}

#[test]
fn a_second_declaration_with_another_charset_is_left_out() {
    let second = format!("{}<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>", item(1));
    let feed = read(rss(&(second + &item(2))));
    assert_eq!(titles(&feed), ["Tin 1", "Tin 2"]);
    assert_eq!(feed.title.as_deref(), Some("Xã Kon Rẫy"));
}

#[test]
fn vietnamese_charsets_are_read() {
    let feed = |charset: &str, title: &[u8]| {
        let head = format!(
            "<?xml version=\"1.0\" encoding=\"{charset}\"?><rss version=\"2.0\"><channel><item><title>"
        );
        let bytes = [head.as_bytes(), title, b"</title></item></channel></rss>"].concat();
        titles(&read(bytes)).concat()
    };
    assert_eq!(
        feed("windows-1258", b"Ti\xea\xecng Vi\xea\xf2t"),
        "Tiếng Việt"
    );
    assert_eq!(feed("VISCII", b"Ti\xaang Vi\xaet"), "Tiếng Việt");
    assert_eq!(feed("x-viet-tcvn", b"Ti\xd5ng Vi\xd6t"), "Tiếng Việt");
}

// One bad entry.

#[test]
fn a_bare_ampersand_costs_nothing() {
    let broken = "<item><title>AT&T và R&D &amp; &nbsp;bạn & tôi</title><guid>2</guid>\
                  <description>a<br>b</description></item>";
    let feed = read(rss(&[item(1), broken.into(), item(3)].concat()));
    assert_eq!(titles(&feed), ["Tin 1", "AT&T và R&D & bạn & tôi", "Tin 3"]);
    assert_eq!(feed.warnings, [Warning::Repaired(1)]);
}

#[test]
fn a_type_nobody_knows_costs_one_entry() {
    let broken = "<entry><id>urn:x:2</id><title type=\"bogus/x\">?</title></entry>";
    let feed = read(atom(&[entry(1), broken.into(), entry(3)].concat()));
    assert_eq!(titles(&feed), ["Tin 1", "Tin 3"]);
    assert_eq!(feed.quarantined[0].position, 1);
    assert!(feed.quarantined[0].reason.contains("bogus/x"), "{feed:?}");
    assert!(feed.quarantined[0].head.starts_with("<entry><id>urn:x:2"));
}

#[test]
fn an_entry_without_end_costs_one_entry() {
    let feed = read(rss(&format!(
        "{}<item><title>Dở{}{}",
        item(1),
        item(3),
        item(4)
    )));
    assert_eq!(titles(&feed), ["Tin 1", "Tin 3", "Tin 4"]);
    assert_eq!(reasons(&feed), [(1, "it has no end")]);

    // A connection that broke off.
    let whole = rss(&[item(1), item(2)].concat());
    let cut = whole.find("Lời 2").unwrap();
    let feed = read(whole[..cut].to_owned());
    assert_eq!(titles(&feed), ["Tin 1"]);
    assert_eq!(reasons(&feed), [(1, "it has no end")]);
}

#[test]
fn tangled_markup_costs_one_entry() {
    let broken = "<item><title>Rối</b></title><guid>2</guid></item>";
    let feed = read(rss(&[item(1), broken.into(), item(3)].concat()));
    assert_eq!(titles(&feed), ["Tin 1", "Tin 3"]);
    assert_eq!(feed.quarantined.len(), 1);
    let empty = read(rss("<item></item><item/>"));
    assert_eq!(reasons(&empty), [(0, "it is empty"), (1, "it is empty")]);
}

#[test]
fn what_panics_in_the_parser_costs_one_entry() {
    // It cuts the name before the address one byte early: in the middle of the dash.
    let name = "<item><guid>2</guid><author>Nguyễn Văn Ví –vi@xa.example</author></item>";
    // And it cannot count this far.
    let time = "<item><guid>3</guid><media:content xmlns:media=\"http://search.yahoo.com/mrss/\" \
                url=\"https://xa.example/a.mp4\"><media:thumbnail url=\"https://xa.example/a.jpg\" \
                time=\"99999999999999999999999:00:00\"/></media:content></item>";
    let feed = read(rss(&[item(1), name.into(), time.into(), item(4)].concat()));
    assert_eq!(titles(&feed), ["Tin 1", "Tin 4"]);
    assert_eq!(
        reasons(&feed),
        [(1, "the parser failed"), (2, "the parser failed")]
    );
}

#[test]
fn a_bad_head_costs_no_entry() {
    let text = rss(&item(1)).replace(
        "<description>Tin</description>",
        "<description>a & b<br></x>",
    );
    let feed = read(text);
    assert_eq!(titles(&feed), ["Tin 1"]);
    assert!(matches!(feed.warnings[..], [Warning::UnreadableHead(_)]));
}

#[test]
fn json_items_are_taken_one_by_one() {
    let feed = read(
        json!({
            "version": "https://jsonfeed.org/version/1",
            "items": [
                {"id": 5, "content_html": "<p>số</p>"},
                "không phải mục",
                {"id": null},
                {"id": {"a": 1}, "title": "Không có id", "tags": "x", "attachments": 7, "url": 3},
                {"id": "6", "title": 9, "date_published": "hôm qua"},
            ],
        })
        .to_string(),
    );
    assert_eq!(feed.title, None, "a feed without title is still a feed");
    let identities: Vec<_> = feed.entries.iter().map(|e| e.identity.clone()).collect();
    assert_eq!(identities[0], Identity::Guid("5".into()));
    assert!(matches!(identities[1], Identity::Content(_)));
    assert_eq!(identities[2], Identity::Guid("6".into()));
    assert_eq!(
        reasons(&feed),
        [(1, "it is not an object"), (2, "it is empty")]
    );
    assert_eq!(feed.quarantined[0].head, "\"không phải mục\"");
}

// Old and sloppy formats.

#[test]
fn rss_is_rss_whatever_its_version_says() {
    for root in [
        "<rss>",
        "<rss version=\"2\">",
        "<rss version=\"0.91\">",
        "<rss version=\"2.0\" xmlns=\"http://backend.userland.com/rss2\">",
        "<RSS version='2.0'>",
    ] {
        let feed = read(format!("{root}<channel>{}</channel></rss>", item(1)));
        assert_eq!(titles(&feed), ["Tin 1"], "{root}");
    }
    let feed = read(format!(
        "<rss version=\"2\"><channel>{}</channel></rss>",
        item(1)
    ));
    assert_eq!(feed.warnings, [Warning::UnusualVersion("2".into())]);
}

#[test]
fn a_channel_may_declare_what_its_items_need() {
    let feed = read(
        "<rss version=\"2.0\"><channel xmlns:c=\"http://purl.org/rss/1.0/modules/content/\">\
         <item><guid>1</guid><c:encoded>&lt;p&gt;Văn&lt;/p&gt;</c:encoded></item></channel></rss>",
    );
    assert_eq!(feed.entries[0].content_html.as_deref(), Some("<p>Văn</p>"));
}

#[test]
fn atom_0_3_is_not_silently_empty() {
    let feed = read(concat!(
        "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"><title mode=\"escaped\" type=\"text/html\">Xã</title>",
        "<tagline>Tin</tagline><modified>2004-01-01T00:00:00Z</modified>",
        "<entry><title>Tin 1</title><id>tag:1</id><link rel=\"alternate\" href=\"https://xa.example/1\"/>",
        "<issued>2004-01-01T00:00:00Z</issued><modified>2004-01-02T00:00:00Z</modified>",
        "<content type=\"text/html\" mode=\"escaped\">&lt;p&gt;Một&lt;/p&gt;</content></entry>",
        "<entry><id>tag:2</id><content type=\"application/xhtml+xml\" mode=\"xml\">",
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Hai</p></div></content></entry>",
        "<entry><id>tag:3</id><content type=\"image/png\" mode=\"base64\">AAAA</content><title>Ba</title></entry>",
        "</feed>",
    ));
    assert_eq!(feed.title.as_deref(), Some("Xã"));
    let bodies: Vec<_> = feed
        .entries
        .iter()
        .map(|e| e.content_html.as_deref())
        .collect();
    assert_eq!(bodies, [Some("<p>Một</p>"), Some("<p>Hai</p>"), None]);
    let first = &feed.entries[0];
    assert_eq!(
        first.published,
        Some("2004-01-01T00:00:00Z".parse().unwrap())
    );
    assert_eq!(first.updated, Some("2004-01-02T00:00:00Z".parse().unwrap()));
    assert_eq!(feed.warnings, [Warning::UnusualVersion("0.3".into())]);
}

#[test]
fn prefixed_atom_is_read() {
    let feed = read(
        "<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\"><a:title>Xã</a:title>\
         <a:entry><a:id>1</a:id><a:title>Tin</a:title></a:entry></a:feed>",
    );
    assert_eq!(titles(&feed), ["Tin"]);
    assert_eq!(feed.title.as_deref(), Some("Xã"));
}

// What is no feed.

#[test]
fn an_html_page_is_refused() {
    for page in [
        "<!DOCTYPE html><html><head><title>Bảo trì</title></head><body><p>x</body></html>",
        "<html><body>{}</body></html>",
        "   <br>Notice: undefined index",
        "404 page not found",
        "",
        "[]",
        "{\"error\": 1}",
    ] {
        let refused = try_read(page).unwrap_err();
        assert!(
            matches!(refused, ReadError::NotAFeed(_)),
            "{page}: {refused}"
        );
    }
    assert!(matches!(
        try_read("{\"items\": [").unwrap_err(),
        ReadError::Unreadable(_)
    ));
    assert!(matches!(
        try_read("<rss").unwrap_err(),
        ReadError::NotAFeed(_)
    ));
}

// Hostile documents.

/// Reads something hostile in little time, or refuses it.
fn read_fast(bytes: String) -> Result<ReadFeed, ReadError> {
    assert!(bytes.len() <= Limits::STANDARD.body);
    let begin = Instant::now();
    let result = try_read(bytes);
    // Seconds, in a build without optimisation on a busy machine.
    assert!(
        begin.elapsed() < Duration::from_secs(8),
        "{:?}",
        begin.elapsed()
    );
    result
}

#[test]
fn entities_are_neither_expanded_nor_fetched() {
    let bomb = (1..20).fold(String::from("<!ENTITY a0 \"ha\">"), |all, n| {
        let inner = format!("&a{};", n - 1).repeat(10);
        format!("{all}<!ENTITY a{n} \"{inner}\">")
    });
    let feed = read_fast(format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [{bomb}<!ENTITY f SYSTEM \"file:///etc/passwd\">]>\
         <rss version=\"2.0\"><channel><item><guid>1</guid><title>&a19;&f;</title></item></channel></rss>"
    ))
    .unwrap();
    let title = feed.entries[0].title.as_deref().unwrap();
    assert_eq!(title, "&a19;&f;");
}

/// What is refused in the head of a document, and costs an entry within one.
fn refused_in_head_and_entry(markup: &str, reason: &'static str) {
    assert_eq!(read_fast(atom(markup)), Err(ReadError::Implausible(reason)));
    let bad = format!("<entry><id>urn:2</id>{markup}</entry>");
    let feed = read_fast(atom(&[entry(1), bad, entry(3)].concat())).unwrap();
    assert_eq!(titles(&feed), ["Tin 1", "Tin 3"]);
    assert_eq!(reasons(&feed), [(1, reason)]);
}

#[test]
fn elements_within_elements_are_refused() {
    let nested = "<a>".repeat(50_000) + &"</a>".repeat(50_000);
    refused_in_head_and_entry(&nested, "it nests too deeply");
}

#[test]
fn bases_within_bases_are_refused() {
    let nested = "<a xml:base=\"x/\">".repeat(50_000) + &"</a>".repeat(50_000);
    refused_in_head_and_entry(&nested, "it sets too many bases");
    let beside = "<a xml:base=\"x/\"/>".repeat(50_000);
    refused_in_head_and_entry(&beside, "it sets too many bases");
}

#[test]
fn a_long_base_over_many_elements_is_refused() {
    let base = "a/".repeat(500_000);
    let children = "<x/>".repeat(500_000);
    let long = Err(ReadError::Implausible("its base is too long"));
    assert_eq!(
        read_fast(format!(
            "<feed xml:base=\"http://a/{base}\">{children}</feed>"
        )),
        long
    );
    let feed = read_fast(atom(&format!(
        "<entry xml:base=\"http://a/{base}\">{children}</entry>{}",
        entry(1)
    )))
    .unwrap();
    assert_eq!(reasons(&feed), [(0, "its base is too long")]);
}

#[test]
fn tags_with_countless_attributes_are_refused() {
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=''")).collect();
    refused_in_head_and_entry(
        &format!("<x{attributes}/>"),
        "it has a tag with too many attributes",
    );
    let namespaces: String = (0..5_000).map(|n| format!("<x xmlns:a{n}='b'/>")).collect();
    refused_in_head_and_entry(&namespaces, "it declares too many namespaces");
}

#[test]
fn what_every_entry_would_copy_is_kept_short() {
    let long = "x".repeat(1_000_000);
    let items: String = (0..1_000).map(item).collect();
    let refused = Err(ReadError::Implausible("its root tag is too long"));
    for root in [
        format!("<rss xmlns:a=\"{long}\"><channel>"),
        format!("<rss><channel xmlns:a=\"{long}\">"),
    ] {
        assert_eq!(read_fast(format!("{root}{items}</channel></rss>")), refused);
    }
    let feed = read_fast(rss(&format!("<language>{long}</language>{items}"))).unwrap();
    assert_eq!(feed.entries.len(), 1_000);
    assert!(feed.entries.iter().all(|entry| entry.language.is_none()));
}

#[test]
fn html_that_would_choke_a_sanitiser_is_set_aside() {
    let deep = "&lt;div&gt;".repeat(16_000);
    let long = "x".repeat(600 * 1024);
    let feed = read_fast(rss(&format!(
        "<item><guid>1</guid><description>{deep}</description></item>\
         <item><guid>2</guid><description>{long}</description></item>{}",
        item(3)
    )))
    .unwrap();
    assert_eq!(titles(&feed), ["Tin 3"]);
    assert_eq!(
        reasons(&feed),
        [
            (0, "its HTML nests too deeply"),
            (1, "its HTML is too long")
        ]
    );
}

#[test]
fn a_thousand_entries_are_enough() {
    let items: String = (0..1_200).map(item).collect();
    let feed = read_fast(rss(&items)).unwrap();
    assert_eq!(feed.entries.len(), 1_000);
    assert_eq!(feed.warnings, [Warning::TooManyEntries(1_000)]);
    let items: Vec<Value> = (0..1_200).map(|n| json!({"id": n})).collect();
    let feed = read_fast(
        json!({"version": "https://jsonfeed.org/version/1.1", "items": items}).to_string(),
    );
    assert_eq!(feed.unwrap().entries.len(), 1_000);
}

#[test]
fn no_repetition_costs_more_than_its_length() {
    for piece in [
        "<x/>",
        "&amp;",
        "&",
        "<x>&</x>",
        "<![CDATA[x]]>",
        "<!-- -->",
        "<item>",
        "<x a='&#1;'/>",
        "<a:b/>",
        "<link>/a</link>",
        "<author>a@b.vn </author>",
        "<pubDate>1</pubDate>",
        "đ",
    ] {
        let many = piece.repeat(250_000 / piece.len());
        let _ = read_fast(rss(&many));
        let _ = read_fast(rss(&format!("<item><title>{many}</title></item>")));
    }
}

#[test]
fn deep_json_is_refused() {
    let deep = format!("{{\"items\":{}", "[".repeat(2_000_000));
    assert!(matches!(read_fast(deep), Err(ReadError::Unreadable(_))));
}

#[tokio::test]
async fn the_guard_refuses_what_is_too_large_and_what_takes_too_long() {
    let limits = Limits {
        body: 100,
        ..Limits::STANDARD
    };
    let large = document(vec![b' '; 101], None);
    assert_eq!(
        guard::read(large, limits).await,
        Err(ReadError::TooLarge(100))
    );
    let limits = Limits {
        time: Duration::ZERO,
        ..Limits::STANDARD
    };
    let slow = document(rss(&item(1)), None);
    assert_eq!(guard::read(slow, limits).await, Err(ReadError::TimedOut));
    let fine = document(rss(&item(1)), Some("application/rss+xml; charset=utf-8"));
    let feed = guard::read(fine, Limits::STANDARD).await.unwrap();
    assert_eq!(titles(&feed), ["Tin 1"]);
}

#[test]
fn a_deadline_is_kept_between_entries() {
    let document = document(rss(&item(1)), None);
    let result = parse::parse(&document, &Limits::STANDARD, Instant::now());
    assert_eq!(result, Err(ReadError::TimedOut));
}

// Identity.

fn identities(bytes: String) -> (Vec<Identity>, Vec<Warning>) {
    let feed = read(bytes);
    let identities = feed.entries.into_iter().map(|entry| entry.identity);
    (identities.collect(), feed.warnings)
}

#[test]
fn items_without_any_name_keep_their_identity_from_poll_to_poll() {
    let nameless = "<item><title>Tin</title><description>Lời</description></item>\
                    <item><title>Tin</title><description>Khác</description></item>";
    let (first, warnings) = identities(rss(nameless));
    let (second, _) = identities(rss(&format!("{}{nameless}", item(9))));
    assert_eq!(first, second[1..]);
    assert_ne!(first[0], first[1]);
    assert!(matches!(first[0], Identity::Content(_)));
    assert!(warnings.is_empty());
}

#[test]
fn a_link_stands_in_for_a_missing_guid() {
    let (found, _) = identities(rss(
        "<item><title>a</title><link>https://xa.example/1</link></item>",
    ));
    assert_eq!(found, [Identity::Link("https://xa.example/1".into())]);
}

#[test]
fn a_guid_that_is_an_address_is_also_the_page() {
    let link = |guid: &str| {
        let feed = read(rss(&format!("<item>{guid}<title>a</title></item>")));
        feed.entries[0].link.clone()
    };
    let page = Some("https://xa.example/1".to_owned());
    assert_eq!(link("<guid>https://xa.example/1</guid>"), page);
    assert_eq!(
        link("<guid isPermaLink=\"false\">https://xa.example/1</guid>"),
        None
    );
    assert_eq!(link("<guid>javascript:alert(1)</guid>"), None);
}

#[test]
fn a_guid_shared_by_two_items_names_neither() {
    let shared = |n: usize| {
        format!("<item><guid>0</guid><link>https://xa.example/{n}</link><title>{n}</title></item>")
    };
    let (found, warnings) = identities(rss(&[shared(1), shared(2), item(3)].concat()));
    assert_eq!(
        found,
        [
            Identity::Link("https://xa.example/1".into()),
            Identity::Link("https://xa.example/2".into()),
            Identity::Guid("g3".into()),
        ]
    );
    assert_eq!(warnings, [Warning::SharedGuid("0".into())]);
}

#[test]
fn a_link_shared_by_nameless_items_names_neither() {
    let shared =
        |n: usize| format!("<item><link>https://xa.example/</link><title>{n}</title></item>");
    let (found, warnings) = identities(rss(&[shared(1), shared(2)].concat()));
    assert!(found.iter().all(|id| matches!(id, Identity::Content(_))));
    assert_ne!(found[0], found[1]);
    assert_eq!(
        warnings,
        [Warning::SharedLink("https://xa.example/".into())]
    );
}

#[test]
fn an_item_given_twice_is_taken_once_in_its_newest_form() {
    let revised = |day: usize| {
        format!(
            "<entry><id>urn:x:1</id><title>Bản {day}</title><link href=\"/1\"/>\
             <updated>2026-11-0{day}T00:00:00Z</updated></entry>"
        )
    };
    let feed = read(atom(&[revised(1), revised(3), revised(2)].concat()));
    assert_eq!(titles(&feed), ["Bản 3"]);
    assert_eq!(feed.warnings, [Warning::Repeated("guid:urn:x:1".into())]);
}

// Whatever comes.

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(bytes: Vec<u8>, content_type: Option<String>) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let document = document(bytes, content_type.as_deref());
        let _ = parse::parse(&document, &Limits::STANDARD, deadline);
    }

    #[test]
    fn no_damage_to_a_feed_brings_the_reader_down_or_costs_the_rest(
        which in prop::sample::select(vec!["rss", "atom", "rdf"]),
        cut: prop::sample::Index, length in 0..40_usize, insert in "[<>&\"'/!?a-z\\[\\]-]{0,8}",
    ) {
        let whole = match which {
            "rss" => rss(&[item(1), item(2), item(3)].concat()),
            "atom" => atom(&[entry(1), entry(2), entry(3)].concat()),
            _ => format!("<RDF><channel><title>x</title></channel>{}</RDF>", item(1)),
        };
        let begin = whole.floor_char_boundary(cut.index(whole.len()));
        let end = whole.ceil_char_boundary((begin + length).min(whole.len()));
        let damaged = [&whole[..begin], &insert, &whole[end..]].concat();
        let _ = try_read(damaged);
    }

    #[test]
    fn damage_within_one_entry_costs_at_most_that_entry(
        cut: prop::sample::Index, length in 0..20_usize, insert in "[&;\"'/a-z]{0,8}",
    ) {
        let inner = "<title>Tin 2</title><guid>g2</guid><link>https://xa.example/2</link>";
        let begin = inner.floor_char_boundary(cut.index(inner.len()));
        let end = inner.ceil_char_boundary((begin + length).min(inner.len()));
        let damaged = [&inner[..begin], &insert, &inner[end..]].concat();
        let feed = read(rss(&format!("{}<item>{damaged}</item>{}", item(1), item(3))));
        let titles = titles(&feed);
        prop_assert!(titles.contains(&"Tin 1") && titles.contains(&"Tin 3"), "{:?}", feed);
        prop_assert!(feed.entries.len() + feed.quarantined.len() >= 3);
    }

    #[test]
    fn two_polls_agree_on_every_identity(
        names in prop::collection::vec((any::<Option<u8>>(), any::<Option<u8>>(), 0..4_u8), 0..12),
    ) {
        let items: String = names
            .iter()
            .map(|(guid, link, title)| {
                let guid = guid.map_or(String::new(), |g| format!("<guid isPermaLink='false'>{}</guid>", g % 4));
                let link = link.map_or(String::new(), |l| format!("<link>https://xa.example/{}</link>", l % 4));
                format!("<item>{guid}{link}<title>{title}</title></item>")
            })
            .collect();
        let (first, _) = identities(rss(&items));
        let (second, _) = identities(rss(&items));
        prop_assert_eq!(&first, &second);
        let distinct: std::collections::HashSet<_> = first.iter().collect();
        prop_assert_eq!(distinct.len(), first.len());
    }
}
