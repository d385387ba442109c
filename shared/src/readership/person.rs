//! Whether a request is a person opening a page, by what it says of itself and by nothing else.
//!
//! The rule is small on purpose. Programs that say what they are, say it in words that have not changed for
//! twenty years; those that lie are found by no list. Lists of robots by name are kept by others and grow by the
//! week; what they add over these few words is programs that hardly ever meet a commune's portal.

use axum::http::{HeaderMap, Method, header};

/// How browsers begin to say what they are; everything else is a program. Those of feature phones and of
/// browsers whose servers read pages for them are the last two.
const BROWSERS: [&str; 3] = ["mozilla/", "opera/", "ucweb/"];
/// Words of programs that call themselves browsers as well.
const PROGRAMS: [&str; 19] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scrap",
    "fetch",
    "preview",
    "externalhit",
    "externalagent",
    "facebookcatalog",
    "archiver",
    "mediapartners",
    "inspectiontool",
    "lighthouse",
    "headless",
    "phantomjs",
    "monitor",
    "feed",
    // A robot says where to read about it; a browser has no address.
    "+http",
];
/// Telephones whose name is no confession.
const NO_PROGRAM: &str = "cubot";
/// Where browsers say that nobody has opened the page yet.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
/// And what they say there.
const AHEAD: [&str; 3] = ["prefetch", "prerender", "preview"];

/// Whether somebody opens a page: asked for by GET, by what says it is a browser, to be looked at now.
pub fn opens(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET && is_browser(headers) && !is_ahead(headers)
}

/// What the browser calls itself with which somebody says something on a page of this site; none if it is no
/// browser, or another site says it with theirs.
pub fn says(headers: &HeaderMap) -> Option<&str> {
    let from = headers.get("sec-fetch-site");
    let is_own = from.is_none_or(|from| from == "same-origin");
    named(headers).filter(|_| is_own && is_browser(headers))
}

fn named(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::USER_AGENT)?.to_str().ok()
}

fn is_browser(headers: &HeaderMap) -> bool {
    let Some(said) = named(headers) else {
        return false;
    };
    let said = said.trim().to_ascii_lowercase();
    let named = said.replace(NO_PROGRAM, "");
    BROWSERS.iter().any(|begins| said.starts_with(begins))
        && !PROGRAMS.iter().any(|word| named.contains(word))
}

fn is_ahead(headers: &HeaderMap) -> bool {
    PURPOSES
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_ascii_lowercase)
        .any(|said| AHEAD.iter().any(|word| said.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/142.0.0.0 Safari/537.36";

    fn said(user_agent: &str) -> HeaderMap {
        let value = HeaderValue::from_str(user_agent).expect("a value");
        HeaderMap::from_iter([(header::USER_AGENT, value)])
    }

    #[test]
    fn people_come_with_browsers_and_programs_say_what_they_are() {
        for (user_agent, is_person) in [
            (CHROME, true),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                true,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                 Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                true,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 coc_coc_browser/127.0.162 Chrome/121.0.6167.162 Safari/537.36",
                true,
            ),
            // Links are opened inside Zalo and Facebook.
            (
                "Mozilla/5.0 (Linux; Android 14; SM-A156E) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                 Chrome/130.0.0.0 Mobile Safari/537.36 Zalo android/24110585 ZaloTheme/light ZaloLanguage/vi",
                true,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                 Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/480.0.0.0;FBBV/1;FBLC/vi_VN]",
                true,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
                true,
            ),
            (
                "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; vi) Presto/2.5.25 Version/10.54",
                true,
            ),
            ("", false),
            ("curl/8.14.1", false),
            ("Wget/1.25.0", false),
            ("python-requests/2.32.5", false),
            ("Go-http-client/1.1", false),
            ("LienCong/0.1.0", false),
            ("WhatsApp/2.24.6.77 A", false),
            ("TelegramBot (like TwitterBot)", false),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 Chrome/140.0 Mobile \
                 Safari/537.36 (compatible; GoogleOther)  Google-InspectionTool/1.0",
                false,
            ),
            (
                "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)",
                false,
            ),
            (
                "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
                false,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
                false,
            ),
            (
                "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
                false,
            ),
            (
                "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
                false,
            ),
            ("facebookexternalhit/1.1", false),
            (
                "Mozilla/5.0 (compatible; facebookexternalhit/1.1; like Safari)",
                false,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/142.0.0.0 Safari/537.36",
                false,
            ),
            ("Mozilla/5.0 (compatible; UptimeMonitor/1.0)", false),
        ] {
            assert_eq!(
                opens(&Method::GET, &said(user_agent)),
                is_person,
                "{user_agent}"
            );
        }
        assert!(!opens(&Method::GET, &HeaderMap::new()), "says nothing");
        let mut broken = HeaderMap::new();
        let bytes = HeaderValue::from_bytes(b"Mozilla/5.0 \xff").expect("a value");
        broken.insert(header::USER_AGENT, bytes);
        assert!(!opens(&Method::GET, &broken), "no browser says that");
    }

    #[test]
    fn what_is_said_on_a_page_of_ours_is_heard_and_what_others_send_is_not() {
        for (site, is_heard) in [
            (None, true),
            (Some("same-origin"), true),
            (Some("cross-site"), false),
            (Some("none"), false),
        ] {
            let mut headers = said(CHROME);
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            assert_eq!(says(&headers).is_some(), is_heard, "{site:?}");
        }
        assert_eq!(says(&said("curl/8.14.1")), None);
        assert_eq!(says(&HeaderMap::new()), None);
    }

    #[test]
    fn what_nobody_looks_at_yet_is_not_opened() {
        for (name, value, is_view) in [
            ("sec-purpose", "prefetch", false),
            ("sec-purpose", "prefetch;prerender", false),
            ("purpose", "Prefetch", false),
            ("x-moz", "prefetch", false),
            ("x-purpose", "preview", false),
            ("sec-purpose", "", true),
            ("sec-fetch-dest", "document", true),
        ] {
            let mut headers = said(CHROME);
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(opens(&Method::GET, &headers), is_view, "{name}: {value}");
        }
        for method in [Method::HEAD, Method::POST, Method::OPTIONS] {
            assert!(!opens(&method, &said(CHROME)), "{method}");
        }
    }
}
