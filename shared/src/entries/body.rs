//! The bodies of entries: from what staff type to the one allow-list every site shows.

use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Deeper nesting than any text needs; beyond it the cleaner itself would become slow.
const DEEPEST_NESTING: usize = 128;
/// More readings than any markup of people takes to come to rest.
const MOST_READINGS: usize = 6;

/// Cleaned HTML: the only kind pages print unescaped.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a body was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Typed into a plain field, with light marks.
    #[default]
    Markdown,
    /// Made by the editor.
    Html,
}

impl Format {
    /// Its name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// The format of that name; what has none is Markdown, as all was before there was an editor.
    pub fn parse(name: &str) -> Self {
        match name {
            "html" => Self::Html,
            _ => Self::Markdown,
        }
    }

    /// A body of this format as clean HTML.
    pub fn render(self, body: &str) -> SafeHtml {
        match self {
            Self::Markdown => from_markdown(body),
            Self::Html => sanitise(body),
        }
    }
}

/// Cleans `html` by the one allow-list. Pictures named by SHA-256 are shown from this site's own
/// store wherever they came from; text nested beyond reason loses its markup, not its words.
pub fn sanitise(html: &str) -> SafeHtml {
    settle(html, &CLEANER)
}

/// Cleans `html` with `first` and then by the allow-list until that changes nothing any more: what a
/// browser makes of our markup is then what we made of it. Misnested markup may take a second reading to
/// come to rest; what does not, or nests beyond reason, is shown as the words it holds.
fn settle(html: &str, first: &Builder<'static>) -> SafeHtml {
    let mut before = Cow::Borrowed(html);
    for round in 0..MOST_READINGS {
        if nesting(&before) > DEEPEST_NESTING {
            break;
        }
        let cleaner = if round == 0 { first } else { &*CLEANER };
        let clean = cleaner.clean(&before).to_string();
        if clean == before && std::ptr::eq(cleaner, &*CLEANER) {
            return SafeHtml(clean);
        }
        before = Cow::Owned(clean);
    }
    SafeHtml(CLEANER.clean(&paragraphs(&plain_text(html))).to_string())
}

/// Cleans `html` of a page elsewhere, as [`sanitise`] does; links relative to `base` lead there still.
pub fn sanitise_from(html: &str, base: &url::Url) -> SafeHtml {
    let base = base.clone();
    let mut cleaner = allow_list();
    cleaner.attribute_filter(
        move |element, attribute, value| match (element, attribute) {
            ("img", "src") => picture_address(value).map(Cow::Owned),
            ("a", "href") => base
                .join(value.trim())
                .map(String::from)
                .ok()
                .filter(|href| is_allowed_link(href))
                .map(Cow::Owned),
            (_, "class") => setting(value),
            _ => Some(value.into()),
        },
    );
    settle(html, &cleaner)
}

/// The body staff typed, in Markdown, as clean HTML. Markup typed by hand is text, not markup.
pub fn from_markdown(text: &str) -> SafeHtml {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    // The page's own title is the only h1.
    let deeper = |level: pulldown_cmark::HeadingLevel| match level {
        pulldown_cmark::HeadingLevel::H1 => pulldown_cmark::HeadingLevel::H2,
        other => other,
    };
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: deeper(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(deeper(level))),
        other => other,
    });
    let mut markup = String::new();
    html::push_html(&mut markup, events);
    sanitise(&markup)
}

/// The words of `html`, for searching and for summaries.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        rest = match rest[open..].find('>') {
            Some(close) => &rest[open + close + 1..],
            None => "",
        };
    }
    text.push_str(rest);
    let text = decode_entities(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn decode_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    Cow::Owned(pairs.iter().fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    }))
}

fn paragraphs(text: &str) -> String {
    format!("<p>{}</p>", ammonia::clean_text(text))
}

/// How deeply tags stand inside each other, counted roughly but never too low for what the cleaner sees.
fn nesting(html: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    let bytes = html.as_bytes();
    for (place, _) in html.match_indices('<') {
        match bytes.get(place + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(next) if next.is_ascii_alphabetic() && !is_void(&html[place + 1..]) => depth += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn is_void(tag: &str) -> bool {
    let name: String = tag
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    // Paragraphs and list items close each other, and feeds often leave their ends out.
    matches!(
        name.as_str(),
        "br" | "hr" | "img" | "p" | "li" | "input" | "meta" | "link"
    )
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = allow_list();
    builder.attribute_filter(|element, attribute, value| match (element, attribute) {
        ("img", "src") => picture_address(value).map(Cow::Owned),
        ("a", "href") if !is_allowed_link(value) => None,
        (_, "class") => setting(value),
        _ => Some(value.into()),
    });
    builder
});

/// Every element a body may have.
pub const ELEMENTS: [&str; 29] = [
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "caption",
    "a",
    "strong",
    "em",
    "b",
    "i",
    "u",
    "s",
    "sub",
    "sup",
    "br",
    "hr",
    "figure",
    "figcaption",
    "img",
];

/// Every attribute it may have, by element; any element may say its language besides.
pub const ATTRIBUTES: [(&str, &[&str]); 5] = [
    ("a", &["href"]),
    ("img", &["src", "alt", "width", "height"]),
    ("ol", &["start"]),
    ("th", &["scope", "colspan", "rowspan"]),
    ("td", &["colspan", "rowspan"]),
];

/// The classes text may have: how it is set, and nothing else.
pub const CLASSES: [&str; 3] = ["can-giua", "can-phai", "can-deu"];

/// The elements that may have one of [`CLASSES`].
pub const SET_ELEMENTS: [&str; 4] = ["p", "h2", "h3", "h4"];

/// The one allow-list, before it is said what becomes of addresses.
fn allow_list() -> Builder<'static> {
    let tags = HashSet::from(ELEMENTS);
    let attributes = ATTRIBUTES
        .map(|(element, names)| (element, names.iter().copied().collect()))
        .into();
    let classes = SET_ELEMENTS
        .map(|element| (element, HashSet::from(CLASSES)))
        .into();
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .tag_attributes(attributes)
        .allowed_classes(classes)
        .generic_attributes(HashSet::from(["lang"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .clean_content_tags(HashSet::from([
            "script", "style", "template", "title", "noscript", "iframe", "svg", "math",
        ]))
        .link_rel(Some("noopener"));
    builder
}

/// Pictures come from our own store or not at all: a citizen's browser is never sent elsewhere.
fn picture_address(src: &str) -> Option<String> {
    let (_, hex) = src.rsplit_once("/media/sha256/")?;
    let is_hash = hex.len() == 64
        && hex
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_hash.then(|| format!("/media/sha256/{hex}"))
}

/// How text is set, and none of the classes it had elsewhere.
fn setting(classes: &str) -> Option<Cow<'_, str>> {
    let mut classes = classes.split_ascii_whitespace();
    classes
        .find(|class| CLASSES.contains(class))
        .map(Cow::Borrowed)
}

fn is_allowed_link(href: &str) -> bool {
    let has_scheme = ["http://", "https://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| href.to_ascii_lowercase().starts_with(scheme));
    let is_own_path = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\");
    has_scheme || is_own_path || href.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_what_is_clean_changes_nothing() {
        let misnested = "<c><i><b><i><a>sms/<><b><ai></g <p></b><table><a><tr><i>x</tabl";
        let deep = "<b>".repeat(200) + "a = b/c & 'd'";
        for html in [misnested, &deep] {
            let once = sanitise(html);
            assert_eq!(sanitise(once.as_str()), once, "{html}");
        }
    }

    #[test]
    fn known_ways_around_cleaners_leave_nothing_that_runs() {
        let corpus = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"jAvAsCrIpT:alert(1)\">x</a>",
            "<a href=\" &#14; javascript:alert(1)\">x</a>",
            "<a href=\"//evil.example\">x</a>",
            "<svg><animate onbegin=alert(1) attributeName=x></svg>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
            "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
            "<p style=\"background:url(javascript:alert(1))\" onclick=alert(1) class=x id=y>x</p>",
            "<form action=/quan-tri><input name=csrf><button>x</button></form>",
            "<meta http-equiv=refresh content=\"0;url=//evil.example\">",
            "<base href=//evil.example>",
            "<img src=\"https://evil.example/pixel.gif\">",
            "<img src=\"https://evil.example/media/sha256/../../x\">",
            // What a cleaner once took for text and a browser for markup.
            "<math><annotation-xml encoding=\"application/xhtml+xml\"><img src=x onerror=alert(1)></annotation-xml></math>",
            "<math><annotation-xml encoding=text/html><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
            "<math><mi><mglyph><svg><mtext><style><path id=\"</style><img onerror=alert(1) src>\">",
            "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
            "<svg><p><style><g title=\"</style><img src=x onerror=alert(1)>\">",
            "<svg><set attributeName=href to=javascript:alert(1)></set><a href=#>x</a></svg>",
            "<svg><a><animate attributeName=href values=javascript:alert(1)></animate><text>x</text></a></svg>",
            "<svg><foreignObject><iframe srcdoc=\"<script>alert(1)</script>\"></foreignObject></svg>",
            "<svg><use href=\"data:image/svg+xml,<svg onload=alert(1)>\"></svg>",
            "<noscript><style></noscript><img src=x onerror=alert(1)></style></noscript>",
            "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
            "<title><img title=\"</title><img src=x onerror=alert(1)>\"></title>",
            "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
            "<noembed><p title=\"</noembed><img src=x onerror=alert(1)>\"></noembed>",
            "<plaintext><img src=x onerror=alert(1)>",
            "<select><option><style></select><img src=x onerror=alert(1)></style></option></select>",
            "<table><svg><style></table><img src=x onerror=alert(1)></style>",
            "<template><style></template><img src=x onerror=alert(1)></style></template>",
            "<!--><img src=x onerror=alert(1)>-->",
            "<!-- --!><img src=x onerror=alert(1)> -->",
            "<![CDATA[><img src=x onerror=alert(1)>]]>",
            "<?xml ><img src=x onerror=alert(1)> ?>",
            "<p class=\"can-giua onclick=alert(1)\">x</p><p class='x\" onclick=\"alert(1)'>y</p>",
            "<ol start=\"1\" onclick=alert(1)><li>x</ol>",
            "<figure><img src=x srcset=\"//evil.example/x 1x\"></figure>",
            "<a href=\"java\tscript:alert(1)\">x</a><a href=\"\u{1}javascript:alert(1)\">y</a>",
            "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
            "<a href=\"vbscript:x\" xlink:href=\"javascript:alert(1)\">x</a>",
            "<video><source onerror=alert(1)></video><object data=javascript:alert(1)></object><embed src=//evil.example>",
        ];
        for bad in corpus {
            let clean = sanitise(bad).to_string();
            assert_eq!(sanitise(&clean).as_str(), clean, "{bad}");
            // What stands between tags as text runs nowhere.
            let tags: String = clean
                .split('<')
                .skip(1)
                .filter_map(|tag| tag.split('>').next())
                .map(|tag| format!("<{tag} ").to_lowercase())
                .collect();
            for trace in [
                "script",
                "onerror",
                "onclick",
                "onbegin",
                "javascript",
                "evil",
                "style",
                "<form",
                "<base",
                "<meta",
                "srcdoc",
                "srcset",
                "<svg",
                "<math",
            ] {
                assert!(!tags.contains(trace), "{bad} left {clean}");
            }
        }
    }

    #[test]
    fn pictures_of_any_origin_are_shown_from_our_own_store() {
        let hex = "ab".repeat(32);
        let html = format!("<img src=\"https://xa.example/media/sha256/{hex}\" alt=\"Nhà rông\">");
        assert_eq!(
            sanitise(&html).as_str(),
            format!("<img src=\"/media/sha256/{hex}\" alt=\"Nhà rông\">")
        );
    }

    #[test]
    fn links_of_a_page_elsewhere_lead_there_still() {
        let base = url::Url::parse("https://so.example/tin/1.html").expect("an address");
        let html = "<a href=\"2.html\">a</a><a href=/van-ban>b</a><a href=\"//khac.example/x\">c</a>\
                    <a href=\"javascript:alert(1)\">d</a><a href=\" java&#10;script:alert(1)\">e</a><a href=#muc>f</a>";
        let clean = sanitise_from(html, &base).to_string();
        for href in [
            "https://so.example/tin/2.html",
            "https://so.example/van-ban",
            "https://khac.example/x",
            "https://so.example/tin/1.html#muc",
        ] {
            assert!(clean.contains(&format!("href=\"{href}\"")), "{clean}");
        }
        assert!(!clean.contains("script"), "{clean}");
    }

    #[test]
    fn what_staff_type_becomes_paragraphs_and_never_markup() {
        let html = from_markdown(
            "# Tin\n\nMột **hai** <b onclick=x>ba</b>\n\n- một\n- hai\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        );
        let html = html.as_str();
        assert!(html.contains("<h2>Tin</h2>") && html.contains("<strong>hai</strong>"));
        assert!(html.contains("<li>một</li>") && html.contains("<td>1</td>"));
        assert!(html.contains("&lt;b onclick=x&gt;"), "{html}");
    }

    #[test]
    fn bottomless_nesting_keeps_its_words_and_costs_nothing() {
        let html = format!(
            "{}Chữ &amp; nghĩa{}",
            "<div>".repeat(32_000),
            "</div>".repeat(32_000)
        );
        assert_eq!(sanitise(&html).as_str(), "<p>Chữ &amp; nghĩa</p>");
    }

    /// `schema.json` is what the editor's schema and its paste cleaner are made of.
    #[test]
    fn the_editor_knows_the_allow_list_and_no_more() {
        let told: serde_json::Value =
            serde_json::from_str(include_str!("../../assets-src/js/editor/schema.json"))
                .expect("JSON");
        let names = |list: &serde_json::Value| -> Vec<String> {
            serde_json::from_value(list.clone()).expect("a list of names")
        };
        let mut elements = names(&told["elements"]);
        elements.extend(names(&told["of_others"]));
        elements.sort();
        let mut allowed = ELEMENTS.map(String::from).to_vec();
        allowed.sort();
        assert_eq!(elements, allowed);
        let attributes = told["attributes"].as_object().expect("by element");
        assert_eq!(attributes.len(), ATTRIBUTES.len());
        for (element, allowed) in ATTRIBUTES {
            assert_eq!(names(&attributes[element]), allowed, "{element}");
        }
        assert_eq!(names(&told["classes"]), CLASSES);
        assert_eq!(names(&told["set_elements"]), SET_ELEMENTS);
    }

    #[test]
    fn what_the_editor_makes_comes_through_as_it_is() {
        let picture = format!("/media/sha256/{}", "ab".repeat(32));
        let html = format!(
            "<h2 class=\"can-giua\" lang=\"bdq\">Pơlei</h2><ol start=\"3\"><li>một<ul><li>hai</li></ul></li></ol>\
             <figure><img src=\"{picture}\" alt=\"Cầu\" width=\"9\" height=\"6\"><figcaption>Ảnh</figcaption></figure>\
             <table><thead><tr><th scope=\"col\" colspan=\"2\">a</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>\
             <hr><p>H<sub>2</sub>O <u>x</u> <s>y</s><br>z</p>"
        );
        let clean = Format::Html.render(&html).to_string();
        for part in [
            "class=\"can-giua\"",
            "lang=\"bdq\"",
            "start=\"3\"",
            "colspan=\"2\"",
            "scope=\"col\"",
            "<figcaption>",
        ] {
            assert!(clean.contains(part), "{part}: {clean}");
        }
        let other = Format::Html.render("<p class=\"can-giua x\" style=\"color:red\">x</p>");
        assert_eq!(other.as_str(), "<p class=\"can-giua\">x</p>");
        let other = Format::Html.render("<p class=\"MsoNormal\">x</p><td class=can-giua>y</td>");
        assert_eq!(other.as_str(), "<p>x</p>y");
    }

    #[test]
    fn cleaning_keeps_vietnamese_words_and_plain_text_finds_them() {
        let html = "<p>Đăk&nbsp;Rve &amp; Kon&#39;s</p><ul><li>một</li></ul>";
        assert_eq!(plain_text(html), "Đăk Rve & Kon's một");
    }
}
