//! Pictures inside a body: given their size, so that nothing jumps while they load, and a line of
//! text in their place while their bytes are still on the way. And tables, which on a telephone are wider
//! than the page: each is moved within a box of its own, by fingers and by keys.

use super::cards;
use crate::log::Digest;
use crate::media::record::Model;
use std::collections::HashMap;

const STORE: &str = "/media/sha256/";
/// How wide a picture of a body is shown.
const SIZES: &str = "(min-width: 800px) 46rem, 100vw";
/// What a table is moved within.
const TABLE_BOX: &str =
    "<div class=\"scroll-box\" role=\"region\" tabindex=\"0\" aria-label=\"Bảng\">";

/// The hashes of the pictures `html` names.
pub fn named_in(html: &str) -> Vec<Vec<u8>> {
    html.match_indices(STORE)
        .filter_map(|(place, _)| html.get(place + STORE.len()..)?.get(..64))
        .filter_map(|hex| Digest::from_hex(hex).ok())
        .map(|digest| digest.as_bytes().to_vec())
        .collect()
}

/// `html` as the sanitiser wrote it (attributes in double quotes, pictures from our own store),
/// with what `media` knows of its pictures.
pub fn measured(html: &str, media: &HashMap<Vec<u8>, Model>) -> String {
    let mut written = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<img ") {
        let (before, from_tag) = rest.split_at(start);
        let (tag, after) = from_tag.split_at(tag_length(from_tag));
        written.push_str(before);
        written.push_str(&picture(tag, media));
        rest = after;
    }
    written.push_str(rest);
    // The sanitiser leaves no `<` in texts and attributes.
    written
        .replace("<table", &format!("{TABLE_BOX}<table"))
        .replace("</table>", "</table></div>")
}

fn picture(tag: &str, media: &HashMap<Vec<u8>, Model>) -> String {
    let Some(src) = attribute(tag, "src") else {
        return String::new();
    };
    let alt = attribute(tag, "alt").unwrap_or_default();
    let medium = src
        .strip_prefix(STORE)
        .and_then(|hex| Digest::from_hex(hex).ok())
        .and_then(|digest| media.get(digest.as_bytes().as_slice()))
        .filter(|medium| medium.is_here());
    match medium {
        Some(medium) => {
            let size = medium
                .dimensions()
                .map(|(width, height)| format!(" width=\"{width}\" height=\"{height}\""));
            let size = size.unwrap_or_default();
            let Some(all) = cards::sizes(medium, src) else {
                return format!(
                    "<img src=\"{src}\" alt=\"{alt}\"{size} loading=\"lazy\" decoding=\"async\">"
                );
            };
            let (webp, jpeg) = (all.webp, all.jpeg);
            format!(
                "<picture><source type=\"image/webp\" srcset=\"{webp}\" sizes=\"{SIZES}\">\
                 <img src=\"{src}\" srcset=\"{jpeg}\" sizes=\"{SIZES}\" alt=\"{alt}\"{size} \
                 loading=\"lazy\" decoding=\"async\"></picture>"
            )
        }
        None if alt.is_empty() => "<em>(Ảnh đang được tải về)</em>".to_owned(),
        None => format!("<em>(Ảnh đang được tải về: {alt})</em>"),
    }
}

/// The value of an attribute, still escaped: fit to be written into another attribute or a text.
/// What each picture of `html` says it shows, in order.
pub fn descriptions(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices("<img ").map(|(start, _)| {
        let tag = &html[start..];
        attribute(&tag[..tag_length(tag)], "alt").unwrap_or_default()
    })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(start..)?.split('"').next()
}

/// Length of the tag at the start of `html`: to the first `>` outside quotes.
fn tag_length(html: &str) -> usize {
    let mut quoted = false;
    for (place, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return place + 1,
            _ => {}
        }
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::body::sanitise;

    fn medium(hash: u8, state: &str) -> (Vec<u8>, Model) {
        let hash = vec![hash; 32];
        let model = Model {
            hash: hash.clone(),
            mime: "image/jpeg".into(),
            size: 1,
            width: Some(960),
            height: Some(640),
            state: state.into(),
            tries: 0,
            next_try_at: 0,
            fetch_from: None,
            added_at: 0,
        };
        (hash, model)
    }

    #[test]
    fn pictures_get_their_size_or_a_line_of_text() {
        let (here, missing) = ("ab".repeat(32), "cd".repeat(32));
        let html = format!(
            "<p>Một</p><img alt=\"Cầu &lt;mới&gt; 5 > 4\" src=\"https://xa.example/media/sha256/{here}\"><p>hai</p><img src=\"/media/sha256/{missing}\" alt=\"Chợ\" onerror=\"x\"><img src=\"/media/sha256/{}\">",
            "ef".repeat(32),
        );
        assert_eq!(named_in(&html).len(), 3);
        let media = HashMap::from([medium(0xab, "here"), medium(0xcd, "missing")]);
        let shown = measured(sanitise(&html).as_str(), &media);
        let picture = format!(
            "<img src=\"/media/sha256/{here}\" srcset=\"/media/sha256/{here}/320.jpg 320w,"
        );
        assert!(shown.contains(&picture), "{shown}");
        let rest = "alt=\"Cầu &lt;mới&gt; 5 &gt; 4\" width=\"960\" height=\"640\" loading=\"lazy\" decoding=\"async\"></picture>";
        assert!(shown.contains(rest), "{shown}");
        let webp = format!("/media/sha256/{here}/960.webp 960w\" sizes=");
        assert!(shown.contains(&webp), "{shown}");
        assert!(
            shown.contains("<em>(Ảnh đang được tải về: Chợ)</em><em>(Ảnh đang được tải về)</em>")
        );
        assert!(!shown.contains("onerror"));
    }

    #[test]
    fn a_table_is_moved_within_a_box_that_keys_reach() {
        let html = "<p title=\"&lt;table>\">&lt;table&gt;</p><table><tbody><tr><td>1</td></tr></tbody></table>";
        let shown = measured(sanitise(html).as_str(), &HashMap::new());
        assert_eq!(
            shown.matches("<div class=\"scroll-box\"").count(),
            1,
            "{shown}"
        );
        assert!(shown.ends_with("</tbody></table></div>"), "{shown}");
    }

    #[test]
    fn a_body_without_pictures_stays_as_it_is() {
        let html = "<p>1 &lt;img 2 &amp; 3</p>";
        assert_eq!(measured(html, &HashMap::new()), html);
    }
}
