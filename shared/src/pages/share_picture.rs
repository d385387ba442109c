//! `/anh-chia-se/…`: what link previews show for a page without a picture of its own: its title, in the site's
//! letters, under the name of the site. Drawn when it is asked for, and kept in memory for a while.

use super::cards;
use super::entry_page::{self, Sight};
use super::view::Picture;
use super::visit::Visit;
use crate::entries::listing::Listed;
use crate::entries::record;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::media::picture;
use crate::site::Site;
use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use image::{DynamicImage, Rgb, RgbImage};
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// The size that previews ask for, in pixels.
const SIZE: (u32, u32) = (1_200, 630);
const MARGIN: f32 = 64.0;
const QUALITY: u8 = 82;
/// The name of the picture of the site itself.
const OF_SITE: &str = "trang";
/// Pictures kept in memory, some 50 kB each.
const MOST_KEPT: usize = 32;

const PAPER: Rgb<u8> = Rgb([0xff, 0xff, 0xff]);
const RED: Rgb<u8> = Rgb([0xa6, 0x19, 0x2e]);
const GOLD: Rgb<u8> = Rgb([0xff, 0xcd, 0x00]);
const INK: Rgb<u8> = Rgb([0x1f, 0x23, 0x28]);
const GREY: Rgb<u8> = Rgb([0x57, 0x60, 0x6a]);

/// Heights of the letters of a title, the largest that fits; and where it stands.
const TITLE_HEIGHTS: [f32; 4] = [92.0, 78.0, 66.0, 56.0];
const TITLE_TOP: f32 = 172.0;
const TITLE_BOTTOM: f32 = 530.0;
/// From one line to the next, of the height of the letters.
const LEADING: f32 = 1.05;

/// Be Vietnam Pro, bold, in the two parts that hold all that Vietnamese is written with.
static FONTS: LazyLock<Vec<FontRef<'static>>> = LazyLock::new(|| {
    let files: [&[u8]; 2] = [
        include_bytes!("../../fonts/be-vietnam-pro-latin-700.ttf"),
        include_bytes!("../../fonts/be-vietnam-pro-vietnamese-700.ttf"),
    ];
    let read = |file| FontRef::try_from_slice(file).expect("a typeface of ours");
    files.map(read).into()
});

/// Pictures that were drawn, by the digest of their words; the oldest first.
type Drawn = VecDeque<(Digest, Vec<u8>)>;

static DRAWN: LazyLock<Mutex<Drawn>> = LazyLock::new(Mutex::default);

/// The routes.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/anh-chia-se/{name}", get(show))
}

/// The picture of the site itself, for its front page and lists.
pub fn of_site(site: &Site) -> Picture {
    named(site, OF_SITE, &site.profile.title)
}

/// The picture of an entry that has none.
pub fn of_entry(site: &Site, listed: &Listed) -> Picture {
    let id = listed.entry.entry_id.simple().to_string();
    named(site, &id, listed.title())
}

fn named(site: &Site, name: &str, alt: &str) -> Picture {
    Picture {
        src: site.address(&format!("/anh-chia-se/{name}.jpg")),
        width: SIZE.0,
        height: SIZE.1,
        alt: alt.to_owned(),
        ..Picture::default()
    }
}

async fn show(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response> {
    let name = name.strip_suffix(".jpg").ok_or(Error::NotFound)?;
    let words = match name {
        OF_SITE => Words::of_site(&site),
        id => {
            let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
            let Sight::Shown(listed) = entry_page::sight(&site, id).await? else {
                return Err(Error::NotFound);
            };
            // Erased for good: its title is not shown either.
            let content = record::content_of(site.db.reader(), &listed.entry).await?;
            content.ok_or(Error::NotFound)?;
            Words::of_entry(&site, &listed)
        }
    };
    let digest = words.digest();
    let bytes = match kept(digest) {
        Some(bytes) => bytes,
        None => {
            let drawn = picture::in_turn(move || picture::jpeg(&words.draw(), QUALITY)).await?;
            let bytes = drawn.map_err(anyhow::Error::new)?;
            keep(digest, bytes.clone());
            bytes
        }
    };
    visit.answer_bytes("image/jpeg", bytes)
}

fn kept(digest: Digest) -> Option<Vec<u8>> {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = drawn.iter().find(|(of, _)| *of == digest);
    found.map(|(_, bytes)| bytes.clone())
}

fn keep(digest: Digest, bytes: Vec<u8>) {
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    drawn.push_back((digest, bytes));
    while drawn.len() > MOST_KEPT {
        drawn.pop_front();
    }
}

/// What a picture says.
#[derive(Clone, Debug)]
struct Words {
    /// At the head.
    site: String,
    /// In the middle, as large as it fits.
    title: String,
    /// At the foot.
    foot: String,
}

impl Words {
    fn of_site(site: &Site) -> Self {
        let profile = &site.profile;
        Self {
            site: super::frame::face(site).owner,
            title: profile.title.clone(),
            foot: host(site),
        }
    }

    fn of_entry(site: &Site, listed: &Listed) -> Self {
        let published = cards::moment(listed.entry.published_at);
        Self {
            site: site.profile.title.clone(),
            title: listed.title().to_owned(),
            foot: format!("{}  ·  {}", host(site), published.text),
        }
    }

    fn digest(&self) -> Digest {
        Digest::of(format!("{}\n{}\n{}", self.site, self.title, self.foot))
    }

    fn draw(&self) -> DynamicImage {
        let mut canvas = RgbImage::from_pixel(SIZE.0, SIZE.1, PAPER);
        for (rows, colour) in [(0..120, RED), (120..128, GOLD), (622..630, RED)] {
            for y in rows {
                for x in 0..SIZE.0 {
                    canvas.put_pixel(x, y, colour);
                }
            }
        }
        let width = SIZE.0 as f32 - 2.0 * MARGIN;
        line(
            &mut canvas,
            &shortened(&self.site, 48.0, width),
            48.0,
            36.0,
            PAPER,
        );
        let (height, lines) = title_lines(&self.title, width);
        let mut top = TITLE_TOP;
        for text in lines {
            line(&mut canvas, &text, height, top, INK);
            top += height * LEADING;
        }
        line(
            &mut canvas,
            &shortened(&self.foot, 38.0, width),
            38.0,
            554.0,
            GREY,
        );
        DynamicImage::ImageRgb8(canvas)
    }
}

/// The host of the site's address, as people write it.
fn host(site: &Site) -> String {
    let host = site.profile.base_url.host_str();
    host.unwrap_or_default().to_owned()
}

/// A title in lines no wider than `width`, in the largest letters in which all of it fits; cut where nothing does.
fn title_lines(title: &str, width: f32) -> (f32, Vec<String>) {
    let rows = |height: f32| ((TITLE_BOTTOM - TITLE_TOP) / (height * LEADING)) as usize;
    let fitting = TITLE_HEIGHTS.into_iter().find_map(|height| {
        let lines = wrapped(title, height, width);
        (lines.len() <= rows(height)).then_some((height, lines))
    });
    fitting.unwrap_or_else(|| {
        let height = TITLE_HEIGHTS[TITLE_HEIGHTS.len() - 1];
        let mut lines = wrapped(title, height, width);
        let rest = lines.split_off(rows(height) - 1);
        lines.push(shortened(&rest.join(" "), height, width));
        (height, lines)
    })
}

fn wrapped(text: &str, height: f32, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in text.split_whitespace() {
        let longer = match current.is_empty() {
            true => word.to_owned(),
            false => format!("{current} {word}"),
        };
        if current.is_empty() || width_of(&longer, height) <= width {
            current = longer;
        } else {
            lines.push(std::mem::replace(&mut current, word.to_owned()));
        }
    }
    if !current.is_empty() {
        lines.push(current);
    }
    // A word as wide as the picture stands alone, and is cut.
    lines
        .iter()
        .map(|line| shortened(line, height, width))
        .collect()
}

/// `text`, or as much of its beginning as fits with a sign that there is more.
fn shortened(text: &str, height: f32, width: f32) -> String {
    if width_of(text, height) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let shorter: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if width_of(&shorter, height) <= width {
            return shorter;
        }
    }
    String::new()
}

/// Where the letter is found; where it is not, the letter under its marks. Texts are NFC.
fn letter(character: char) -> Option<(&'static FontRef<'static>, GlyphId)> {
    let find = |character| {
        let letters = FONTS.iter().map(|font| (font, font.glyph_id(character)));
        letters.into_iter().find(|(_, glyph)| glyph.0 != 0)
    };
    find(character).or_else(|| find(std::iter::once(character).nfd().next()?))
}

fn width_of(text: &str, height: f32) -> f32 {
    let letters = text.chars().filter_map(letter);
    letters
        .map(|(font, glyph)| font.as_scaled(PxScale::from(height)).h_advance(glyph))
        .sum()
}

/// Writes a line whose letters stand `height` high below `top`.
fn line(canvas: &mut RgbImage, text: &str, height: f32, top: f32, colour: Rgb<u8>) {
    let scale = PxScale::from(height);
    let mut x = MARGIN;
    for (font, glyph) in text.chars().filter_map(letter) {
        let scaled = font.as_scaled(scale);
        let placed = glyph.with_scale_and_position(scale, point(x, top + scaled.ascent()));
        x += scaled.h_advance(glyph);
        let Some(outline) = font.outline_glyph(placed) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|right, down, cover| {
            let (x, y) = (corner.x + right as f32, corner.y + down as f32);
            // What would stand beyond the edge is cut.
            if let Some(pixel) = canvas.get_pixel_mut_checked(x as u32, y as u32) {
                for (old, new) in pixel.0.iter_mut().zip(colour.0) {
                    let mixed = f32::from(*old) * (1.0 - cover) + f32::from(new) * cover;
                    *old = mixed.round() as u8;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_vietnamese_is_there_and_others_keep_their_base() {
        let letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz0123456789 .,:;!?()/–—“”…·%&'\"-";
        let marks = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
        let vowels = "aăâeêioôơuưy";
        let marked = vowels
            .chars()
            .flat_map(|vowel| marks.map(|mark| [vowel, mark]));
        let marked: String = marked.flatten().nfc().collect();
        for character in letters.chars().chain(marked.chars()) {
            for shape in [character, character.to_uppercase().next().expect("one")] {
                let found = FONTS.iter().any(|font| font.glyph_id(shape).0 != 0);
                assert!(found, "{shape:?}");
            }
        }
        // Ba Na and Xơ Đăng write short vowels with a breve.
        let glyph = |character| letter(character).map(|(_, glyph)| glyph);
        assert_eq!(glyph('ĕ'), glyph('e'));
        assert!(letter('字').is_none());
    }

    #[test]
    fn a_title_stands_whole_in_the_largest_letters_that_fit_and_is_cut_where_none_do() {
        let width = 1_072.0;
        let (height, lines) = title_lines("Lịch tiêm chủng", width);
        assert_eq!((height, lines.len()), (TITLE_HEIGHTS[0], 1));
        let long = "Ủy ban nhân dân xã Kon Braih triển khai kế hoạch ".repeat(3);
        let (height, lines) = title_lines(&long, width);
        assert!(height < TITLE_HEIGHTS[0]);
        assert_eq!(lines.join(" "), long.trim_end());
        let (height, lines) = title_lines(&long.repeat(6), width);
        assert!(
            lines.last().is_some_and(|line| line.ends_with('…')),
            "{lines:?}"
        );
        for line in lines {
            assert!(width_of(&line, height) <= width, "{line}");
        }
        let (height, lines) = title_lines(&"a".repeat(500), width);
        assert!(lines.len() == 1 && width_of(&lines[0], height) <= width);
    }

    #[test]
    fn words_are_drawn_within_the_picture() {
        let words = Words {
            site: "Trang thông tin điện tử xã Kon Braih".repeat(3),
            title: "Đường về làng ".repeat(80),
            foot: "konbraih.quangngai.example".repeat(9),
        };
        let picture = words.draw().into_rgb8();
        assert_eq!(picture.dimensions(), SIZE);
        let is_ink = |x, y| *picture.get_pixel(x, y) == INK;
        let inked = (0..SIZE.1).any(|y| (0..SIZE.0).any(|x| is_ink(x, y)));
        assert!(inked, "something is written");
        let beyond = (128..620).any(|y| (0..60).chain(1_140..1_200).any(|x| is_ink(x, y)));
        assert!(!beyond, "nothing stands in the margins");
    }
}
