//! Videos that lie at YouTube: every form in which people copy their addresses.

use url::Url;

/// A video at YouTube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// Eleven letters, digits, `-` and `_`.
    pub id: String,
    /// Second it is to begin at; 0 for the beginning.
    pub start: u32,
}

/// The hosts, without `www.` and the like.
const HOSTS: [&str; 3] = ["youtube.com", "youtube-nocookie.com", "youtu.be"];
/// The first parts of paths that go before an id.
const BEFORE_AN_ID: [&str; 5] = ["shorts", "embed", "live", "v", "e"];
/// Longest start that is believed: a day.
const LATEST_START: u32 = 24 * 3600;

impl Video {
    /// Reads an address as it was copied: of a page, of a short, of a live broadcast, shared from a
    /// phone, to be embedded, with a list or a time, with or without its scheme.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let url = match Url::parse(typed) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            // `youtu.be:443/…` would read as a scheme, and nobody copies that.
            _ => Url::parse(&format!("https://{typed}")).ok()?,
        };
        let host = url.host_str()?.to_ascii_lowercase();
        let host = ["www.", "m.", "music."]
            .iter()
            .find_map(|before| host.strip_prefix(before))
            .unwrap_or(&host);
        if !HOSTS.contains(&host) || !url.username().is_empty() {
            return None;
        }
        let query = |name: &str| {
            let found = url.query_pairs().find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned())
        };
        let mut parts = url.path_segments()?;
        let first = parts.next().unwrap_or_default();
        let id = match first {
            _ if host == "youtu.be" => first.to_owned(),
            "watch" => query("v")?,
            _ if BEFORE_AN_ID.contains(&first) => parts.next()?.to_owned(),
            _ => return None,
        };
        let fragment = url.fragment().and_then(|part| part.strip_prefix("t="));
        let start = query("t")
            .or_else(|| query("start"))
            .or_else(|| fragment.map(str::to_owned));
        Some(Self {
            id: Some(id).filter(|id| is_id(id))?,
            start: start.as_deref().and_then(seconds).unwrap_or_default(),
        })
    }

    /// Its page, for readers who choose to go there.
    pub fn page(&self) -> String {
        match self.start {
            0 => format!("https://www.youtube.com/watch?v={}", self.id),
            start => format!("https://www.youtube.com/watch?v={}&t={start}s", self.id),
        }
    }

    /// Where it plays without setting cookies before it does.
    pub fn player(&self) -> String {
        match self.start {
            0 => format!("https://www.youtube-nocookie.com/embed/{}", self.id),
            start => format!(
                "https://www.youtube-nocookie.com/embed/{}?start={start}",
                self.id
            ),
        }
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 11
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `90`, `90s`, `1m30s`, `1h2m3s`.
fn seconds(text: &str) -> Option<u32> {
    let mut total = 0_u32;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u32 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit = rest.chars().next();
        let factor = match unit {
            Some('h') => 3600,
            Some('m') => 60,
            Some('s') | None => 1,
            Some(_) => return None,
        };
        rest = rest.get(unit.map_or(0, char::len_utf8)..)?;
        total = total.checked_add(number.checked_mul(factor)?)?;
    }
    Some(total).filter(|total| *total <= LATEST_START)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "dQw4w9WgX-_";

    #[test]
    fn every_form_of_an_address_names_its_video() {
        let cases = [
            ("https://www.youtube.com/watch?v={}", 0),
            ("  https://www.youtube.com/watch?v={}\n", 0),
            ("http://youtube.com/watch?v={}&feature=share", 0),
            ("https://www.youtube.com/watch?app=desktop&v={}", 0),
            ("https://www.youtube.com/watch?v={}&list=PL123&index=2", 0),
            ("https://www.youtube.com/watch?list=PL123&v={}&t=90", 90),
            ("https://www.youtube.com/watch?v={}&t=90s", 90),
            ("https://www.youtube.com/watch?v={}&t=1m30s", 90),
            ("https://www.youtube.com/watch?v={}#t=1h2m3s", 3723),
            ("https://youtu.be/{}", 0),
            ("https://youtu.be/{}?si=abcDEF123", 0),
            ("https://youtu.be/{}?t=42&si=abc", 42),
            ("youtu.be/{}", 0),
            ("www.youtube.com/watch?v={}", 0),
            ("https://m.youtube.com/watch?v={}", 0),
            ("https://music.youtube.com/watch?v={}", 0),
            ("https://www.youtube.com/shorts/{}", 0),
            ("https://youtube.com/shorts/{}?feature=share", 0),
            ("https://www.youtube.com/live/{}?feature=shared", 0),
            ("https://www.youtube.com/embed/{}?start=30", 30),
            ("https://www.youtube-nocookie.com/embed/{}", 0),
            ("https://www.youtube.com/v/{}", 0),
            ("https://WWW.YouTube.com/watch?v={}", 0),
            ("https://www.youtube.com/watch?v={}&t=forever", 0),
        ];
        for (address, start) in cases {
            let address = address.replace("{}", ID);
            let expected = Video {
                id: ID.to_owned(),
                start,
            };
            assert_eq!(Video::parse(&address), Some(expected), "{address}");
        }
    }

    #[test]
    fn what_names_no_video_there_is_none() {
        for address in [
            "",
            "dQw4w9WgX-_",
            "https://www.youtube.com/",
            "https://www.youtube.com/watch",
            "https://www.youtube.com/watch?v=short",
            "https://www.youtube.com/watch?v=dQw4w9WgX-_x",
            "https://www.youtube.com/watch?v=dQw4w9W\"X-_",
            "https://www.youtube.com/playlist?list=PL123",
            "https://www.youtube.com/@xakonbraih",
            "https://youtube.com.example/watch?v=dQw4w9WgX-_",
            "https://evil@youtube.com/watch?v=dQw4w9WgX-_",
            "https://notyoutu.be/dQw4w9WgX-_",
            "javascript:alert(1)//youtu.be/dQw4w9WgX-_",
            "https://vimeo.com/12345678901",
        ] {
            assert_eq!(Video::parse(address), None, "{address}");
        }
    }

    #[test]
    fn its_addresses_begin_where_it_was_asked_to() {
        let video = Video::parse("https://youtu.be/dQw4w9WgX-_?t=42").expect("a video");
        assert_eq!(
            video.page(),
            "https://www.youtube.com/watch?v=dQw4w9WgX-_&t=42s"
        );
        assert_eq!(
            video.player(),
            "https://www.youtube-nocookie.com/embed/dQw4w9WgX-_?start=42"
        );
    }
}
