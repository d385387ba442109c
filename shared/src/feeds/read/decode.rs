//! From bytes to text: which charset, and without the parts of XML that only make trouble.
//!
//! The reader behind this must never see an XML declaration: a second one, naming another
//! charset, makes it panic.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization as _;

use super::Warning;
use super::markup::{Kind, tokens};

/// A document as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// The charset it was in.
    pub charset: &'static str,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
}

/// How far into a document its XML declaration may reach.
const DECLARATION_REACH: usize = 1_024;

/// Decodes `bytes`: the byte order mark says how; else the charset of the HTTP header
/// `content_type`; else the XML declaration; else it is UTF-8. Never fails: what does not fit
/// becomes U+FFFD, with a warning.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    let mut warnings = Vec::new();
    let (charset, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Charset::Known(encoding), &bytes[length..]),
        None => (
            charset_without_mark(bytes, content_type, &mut warnings),
            bytes,
        ),
    };
    let (text, damaged) = charset.decode(bytes);
    if damaged {
        warnings.push(Warning::UndecodableBytes);
    }
    Decoded {
        text,
        charset: charset.name(),
        warnings,
    }
}

fn charset_without_mark(
    bytes: &[u8],
    content_type: Option<&str>,
    warnings: &mut Vec<Warning>,
) -> Charset {
    let from_http = content_type.and_then(charset_parameter);
    let from_xml = declared_charset(bytes);
    for label in [from_http, from_xml].into_iter().flatten() {
        match Charset::for_label(&label) {
            Some(charset) => return charset,
            None => warnings.push(Warning::UnknownCharset(label)),
        }
    }
    undeclared_utf_16(bytes).unwrap_or(Charset::Known(UTF_8))
}

/// A charset we can read.
#[derive(Clone, Copy)]
enum Charset {
    Known(&'static Encoding),
    Vietnamese(&'static VietnameseCharset),
}

impl Charset {
    fn for_label(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        [&VISCII, &TCVN]
            .into_iter()
            .find(|charset| charset.labels.contains(&label.as_str()))
            .map(Self::Vietnamese)
            .or_else(|| Encoding::for_label_no_replacement(label.as_bytes()).map(Self::Known))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Known(encoding) => encoding.name(),
            Self::Vietnamese(charset) => charset.labels[0],
        }
    }

    /// The text, and whether some bytes did not fit.
    fn decode(self, bytes: &[u8]) -> (String, bool) {
        match self {
            Self::Known(encoding) => {
                let (text, damaged) = encoding.decode_without_bom_handling(bytes);
                // This charset writes tones as characters of their own. Everyone else's text,
                // and every search, has them within the letter.
                let text = if encoding == WINDOWS_1258 {
                    text.nfc().collect()
                } else {
                    text.into_owned()
                };
                (text, damaged)
            }
            Self::Vietnamese(charset) => (charset.decode(bytes), false),
        }
    }
}

/// The parameter `charset` of a media type.
fn charset_parameter(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The encoding named in the XML declaration, of a document in some superset of ASCII.
fn declared_charset(bytes: &[u8]) -> Option<String> {
    let reach = &bytes[..bytes.len().min(DECLARATION_REACH)];
    let text = String::from_utf8_lossy(reach);
    let declaration = text.trim_start().strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    // We could read this declaration, so the document is not in UTF-16, whatever it says.
    // .NET writes so into every XML it builds as a string.
    let is_utf_16 = label.trim().to_ascii_lowercase().starts_with("utf-16");
    (!is_utf_16).then(|| label.to_owned())
}

/// UTF-16 that neither says so nor has a byte order mark: recognised by its first `<` or `{`.
fn undeclared_utf_16(bytes: &[u8]) -> Option<Charset> {
    match bytes {
        [0, b'<' | b'{', 0, _, ..] => Some(Charset::Known(UTF_16BE)),
        [b'<' | b'{', 0, _, 0, ..] => Some(Charset::Known(UTF_16LE)),
        _ => None,
    }
}

/// `xml` without declarations, document types and processing instructions, wherever they stand.
/// Those inside CDATA and comments are text and stay.
pub fn without_declarations(xml: &str) -> String {
    tokens(xml)
        .filter(|token| !matches!(token.kind, Kind::Instruction | Kind::Declaration))
        .map(|token| token.raw)
        .collect()
}

/// A single-byte charset from before Unicode that browsers, and so our library, do not know.
struct VietnameseCharset {
    labels: &'static [&'static str],
    /// Letters in place of control characters.
    low: &'static [(u8, char)],
    /// The characters 0x80 to 0xFF.
    high: &'static str,
}

impl VietnameseCharset {
    fn decode(&self, bytes: &[u8]) -> String {
        let mut table: Vec<char> = (0..=0x7f_u8)
            .map(char::from)
            .chain(self.high.chars())
            .collect();
        for (byte, letter) in self.low {
            table[usize::from(*byte)] = *letter;
        }
        // As in windows-1258, tones may follow their letter.
        bytes
            .iter()
            .map(|byte| table.get(usize::from(*byte)).copied().unwrap_or('\u{fffd}'))
            .nfc()
            .collect()
    }
}

/// RFC 1456.
static VISCII: VietnameseCharset = VietnameseCharset {
    labels: &["viscii", "x-viscii", "csviscii", "viscii1.1-1"],
    low: &[
        (0x02, 'Ẳ'),
        (0x05, 'Ẵ'),
        (0x06, 'Ẫ'),
        (0x14, 'Ỷ'),
        (0x19, 'Ỹ'),
        (0x1e, 'Ỵ'),
    ],
    high: concat!(
        "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ",
        "ÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ",
        "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư",
        "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
    ),
};

/// TCVN 5712:1993, the national standard, whose lower-case letters are those of the `.Vn` fonts.
static TCVN: VietnameseCharset = VietnameseCharset {
    labels: &[
        "tcvn5712-1",
        "tcvn",
        "tcvn-5712",
        "tcvn5712",
        "tcvn5712-1:1993",
        "x-viet-tcvn",
        "x-viet-tcvn5712",
    ],
    low: &[
        (0x01, 'Ú'),
        (0x02, 'Ụ'),
        (0x04, 'Ừ'),
        (0x05, 'Ử'),
        (0x06, 'Ữ'),
        (0x11, 'Ứ'),
        (0x12, 'Ự'),
        (0x13, 'Ỳ'),
        (0x14, 'Ỷ'),
        (0x15, 'Ỹ'),
        (0x16, 'Ý'),
        (0x17, 'Ỵ'),
    ],
    high: concat!(
        "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ",
        "\u{a0}ĂÂÊÔƠƯĐăâêôơưđẰ\u{323}\u{300}\u{309}\u{303}\u{301}àảãáạẲằẳẵắẴ",
        "ẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò",
        "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
    ),
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const TITLE: &str = "<title>Xã Kon Rẫy đón bằng</title>";

    fn text(bytes: &[u8], content_type: Option<&str>) -> String {
        decode(bytes, content_type).text
    }

    fn utf_16_be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn without_any_hint_it_is_utf_8() {
        assert_eq!(text(TITLE.as_bytes(), None), TITLE);
        assert_eq!(text(TITLE.as_bytes(), Some("text/xml")), TITLE);
        assert_eq!(text(TITLE.as_bytes(), Some("text/xml; charset=")), TITLE);
    }

    #[test]
    fn the_byte_order_mark_outranks_every_label() {
        let with_mark = [b"\xef\xbb\xbf", TITLE.as_bytes()].concat();
        assert_eq!(
            text(&with_mark, Some("text/xml; charset=iso-8859-1")),
            TITLE
        );
        let utf_16 = [b"\xfe\xff".to_vec(), utf_16_be(TITLE)].concat();
        assert_eq!(text(&utf_16, Some("text/xml; charset=utf-8")), TITLE);
        let little: Vec<u8> = utf_16
            .chunks(2)
            .flat_map(|pair| [pair[1], pair[0]])
            .collect();
        assert_eq!(text(&little, None), TITLE);
    }

    #[test]
    fn the_http_header_outranks_the_declaration() {
        let bytes = b"<?xml version='1.0' encoding='utf-8'?><t>\xe9</t>";
        assert!(text(bytes, Some("text/xml; Charset=\"ISO-8859-1\"")).contains("<t>é</t>"));
        let damaged = decode(bytes, None);
        assert!(damaged.text.contains('\u{fffd}'));
        assert_eq!(damaged.warnings, [Warning::UndecodableBytes]);
    }

    #[test]
    fn the_declaration_counts_without_header() {
        for declaration in [
            "<?xml version=\"1.0\" encoding=\"windows-1252\"?>",
            "\n <?xml version='1.0' encoding = 'latin1' standalone='yes'?>",
        ] {
            let bytes = [declaration.as_bytes(), b"<t>\xe9</t>"].concat();
            assert!(
                text(&bytes, Some("text/xml")).ends_with("<t>é</t>"),
                "{declaration}"
            );
        }
    }

    #[test]
    fn utf_16_is_seen_without_mark_and_label() {
        assert_eq!(text(&utf_16_be(TITLE), None), TITLE);
        let declared = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><rss/>";
        assert_eq!(text(&utf_16_be(declared), None), declared);
    }

    #[test]
    fn a_readable_document_is_not_utf_16_even_if_it_says_so() {
        let dotnet = format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{TITLE}");
        assert_eq!(text(dotnet.as_bytes(), Some("text/xml")), dotnet);
    }

    #[test]
    fn a_charset_nobody_knows_is_passed_over_with_a_warning() {
        let decoded = decode(TITLE.as_bytes(), Some("text/xml; charset=vni-times"));
        assert_eq!(decoded.text, TITLE);
        assert_eq!(
            decoded.warnings,
            [Warning::UnknownCharset("vni-times".into())]
        );
        // A label that browsers answer with nothing but a replacement character.
        assert_eq!(
            text(TITLE.as_bytes(), Some("a/b; charset=hz-gb-2312")),
            TITLE
        );
    }

    #[test]
    fn windows_1258_gives_composed_letters() {
        // “Tiếng Việt”, as windows-1258 writes it: ê and a tone.
        let bytes = b"Ti\xea\xecng Vi\xea\xf2t";
        assert_eq!(
            text(bytes, Some("text/xml; charset=windows-1258")),
            "Tiếng Việt"
        );
    }

    #[test]
    fn the_charsets_of_old_portals_are_read() {
        // Checked against glibc's iconv.
        for (label, bytes) in [
            (
                "VISCII",
                &b"Kon R\xe7y, \xd0\xa1k Tr\xe5m: ti\xaang Vi\xaet"[..],
            ),
            (
                "x-viet-tcvn",
                &b"Kon R\xc9y, \xa7\xbek Tr\xa8m: ti\xd5ng Vi\xd6t"[..],
            ),
        ] {
            let content_type = format!("text/xml; charset={label}");
            let decoded = decode(bytes, Some(&content_type));
            assert_eq!(decoded.text, "Kon Rẫy, Đắk Trăm: tiếng Việt", "{label}");
            assert!(decoded.warnings.is_empty());
        }
        for charset in [&VISCII, &TCVN] {
            assert_eq!(charset.high.chars().count(), 128, "{}", charset.labels[0]);
        }
        // Tones that stand behind their letter are joined to it.
        assert_eq!(text(b"a\xb4", Some("text/xml; charset=tcvn")), "á");
    }

    #[test]
    fn declarations_go_wherever_they_stand() {
        assert_eq!(
            without_declarations(concat!(
                "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a \"<?b?>\">]>",
                "<rss><?xml version='1.0' encoding='iso-8859-1'?>x</rss>",
            )),
            "<rss>x</rss>"
        );
        let text = "<a><![CDATA[<?xml encoding='x'?><!DOCTYPE html>]]><!-- <?y?> --></a>";
        assert_eq!(without_declarations(text), text);
    }

    proptest! {
        #[test]
        fn any_bytes_become_text(bytes: Vec<u8>, label in "[ -~]{0,20}") {
            let decoded = decode(&bytes, Some(&format!("text/xml; charset={label}")));
            let _ = without_declarations(&decoded.text);
        }

        #[test]
        fn utf_8_stays_as_it_is(text: String) {
            prop_assume!(!text.starts_with('\u{feff}'));
            prop_assume!(!text.trim_start().starts_with("<?xml") && !text.contains('\0'));
            prop_assert_eq!(decode(text.as_bytes(), None).text, text);
        }
    }
}
