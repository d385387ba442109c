//! Pictures in the sizes pages show them in, made of what is kept.
//!
//! A rendition can be made again at any time, so it is in no log and no backup. It goes with its
//! original.

use super::picture::{self, PictureError};
use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use image::DynamicImage;

/// The widths, and how many bytes each may take: an article with its picture stays within what a
/// phone on a weak line loads in three seconds.
const WIDTHS: [(u32, usize); 4] = [
    (320, 20_000),
    (640, 50_000),
    (960, 90_000),
    (picture::WIDEST, 240_000),
];
/// Qualities that are tried until one fits.
const QUALITIES: [u8; 4] = [78, 64, 48, 32];

/// How a rendition is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Smaller, for browsers of the last years.
    WebP,
    /// For all others.
    Jpeg,
}

impl Format {
    /// Both.
    pub const ALL: [Self; 2] = [Self::WebP, Self::Jpeg];

    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// What its addresses end in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Jpeg => "jpg",
        }
    }
}

/// One size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// One of the widths that are made; the picture itself may be narrower.
    pub width: u32,
    /// How it is encoded.
    pub format: Format,
}

impl Rendition {
    /// Reads the last part of an address, such as `640.webp`.
    pub fn parse(name: &str) -> Option<Self> {
        let (width, ending) = name.split_once('.')?;
        let format = Format::ALL.into_iter().find(|one| one.ending() == ending)?;
        let width = WIDTHS
            .iter()
            .map(|(width, _)| *width)
            .find(|known| known.to_string() == width)?;
        Some(Self { width, format })
    }

    /// The last part of its address.
    pub fn name(self) -> String {
        format!("{}.{}", self.width, self.format.ending())
    }

    fn budget(self) -> usize {
        let found = WIDTHS.iter().find(|(width, _)| *width == self.width);
        found.map_or(usize::MAX, |(_, bytes)| *bytes)
    }
}

/// The widths a picture of `width` is made in, each with how wide it then really is.
pub fn widths(width: u32) -> impl Iterator<Item = (u32, u32)> {
    let is_needed = move |place: usize| place == 0 || WIDTHS[place - 1].0 < width;
    WIDTHS
        .iter()
        .enumerate()
        .filter(move |(place, _)| is_needed(*place))
        .map(move |(_, (made, _))| (*made, width.min(*made)))
}

/// The `srcset` in `format` of the picture at `src`, which is `width` wide.
pub fn srcset(src: &str, width: u32, format: Format) -> String {
    let all: Vec<String> = widths(width)
        .map(|(made, real)| {
            let name = Rendition {
                width: made,
                format,
            }
            .name();
            format!("{src}/{name} {real}w")
        })
        .collect();
    all.join(", ")
}

/// Encodes `pixels` as `which`, at the best quality that fits.
fn encode(pixels: &DynamicImage, which: Rendition) -> Result<Vec<u8>, PictureError> {
    let mut encoded = Vec::new();
    for quality in QUALITIES {
        encoded = match which.format {
            Format::Jpeg => picture::jpeg(pixels, quality)?,
            Format::WebP => {
                webp::Encoder::from_rgb(pixels.as_bytes(), pixels.width(), pixels.height())
                    .encode_simple(false, f32::from(quality))
                    .map_err(|_| PictureError::NotAPicture)?
                    .to_vec()
            }
        };
        if encoded.len() <= which.budget() {
            break;
        }
    }
    Ok(encoded)
}

/// All renditions of the picture `original`. Takes a while: call it [`picture::in_turn`].
pub fn all(original: &[u8]) -> Result<Vec<(Rendition, Vec<u8>)>, PictureError> {
    let mut pixels = picture::decode(original)?;
    let mut sizes: Vec<u32> = widths(pixels.width()).map(|(made, _)| made).collect();
    // From the largest to the smallest, each made of the one before.
    sizes.reverse();
    let mut made = Vec::new();
    for width in sizes {
        pixels = picture::fitted(pixels, width);
        for format in Format::ALL {
            let which = Rendition { width, format };
            made.push((which, encode(&pixels, which)?));
        }
    }
    Ok(made)
}

/// The bytes of a rendition, made now if they are not here; `None` if the original is not here or is no
/// picture we decode.
pub async fn bytes(site: &Site, digest: Digest, which: Rendition) -> Result<Option<Vec<u8>>> {
    if let Some(bytes) = site.media.rendition(digest, which).await? {
        return Ok(Some(bytes));
    }
    let Some(original) = site.media.read(digest).await? else {
        return Ok(None);
    };
    let made = picture::in_turn(move || {
        let pixels = picture::fitted(picture::decode(&original)?, which.width);
        encode(&pixels, which)
    })
    .await?;
    let Ok(bytes) = made else {
        return Ok(None);
    };
    keep(site, digest, &[(which, bytes.clone())]).await?;
    Ok(Some(bytes))
}

/// Keeps renditions of `digest`, unless it was removed while they were made.
pub async fn keep(site: &Site, digest: Digest, made: &[(Rendition, Vec<u8>)]) -> Result<()> {
    for (which, bytes) in made {
        site.media.keep_rendition(digest, *which, bytes).await?;
    }
    if !tokio::fs::try_exists(site.media.path(digest)).await? {
        site.media.remove_renditions(digest).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_picture_is_made_as_wide_as_it_is_and_no_wider() {
        let cases = [
            (200, vec![(320, 200)]),
            (320, vec![(320, 320)]),
            (800, vec![(320, 320), (640, 640), (960, 800)]),
            (
                1_600,
                vec![(320, 320), (640, 640), (960, 960), (1_600, 1_600)],
            ),
        ];
        for (width, expected) in cases {
            assert_eq!(widths(width).collect::<Vec<_>>(), expected, "{width}");
        }
        assert_eq!(
            srcset("/ab", 400, Format::WebP),
            "/ab/320.webp 320w, /ab/640.webp 400w"
        );
    }

    #[test]
    fn only_what_is_made_has_an_address() {
        for which in ["320.webp", "960.jpg", "1600.webp"] {
            assert_eq!(
                Rendition::parse(which).map(Rendition::name).as_deref(),
                Some(which)
            );
        }
        for other in [
            "",
            "321.webp",
            "960.png",
            "0960.jpg",
            "960",
            "../960.jpg",
            "+960.jpg",
        ] {
            assert_eq!(Rendition::parse(other), None, "{other}");
        }
    }

    /// Grain that no encoder likes.
    fn grainy() -> Vec<u8> {
        let mut seed = 7_u32;
        let pixels = image::RgbImage::from_fn(1_600, 1_000, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = seed.to_be_bytes();
            image::Rgb([a / 4 + 90, b / 4 + 90, c / 4 + 90])
        });
        picture::jpeg(&pixels.into(), 90).expect("encodes")
    }

    #[test]
    fn even_a_picture_of_grain_keeps_near_the_budget_of_a_page() {
        for (which, bytes) in all(&grainy()).expect("a picture") {
            // Noise is the worst there is; photographs take a fraction of it.
            assert!(
                bytes.len() < which.budget() * 3,
                "{which:?}: {}",
                bytes.len()
            );
        }
    }

    #[tokio::test]
    async fn renditions_are_made_once_checked_and_go_with_their_original() {
        let site = testing::site().await;
        let digest = site.media.keep(&grainy()).await.expect("keeps");
        let which = Rendition {
            width: 320,
            format: Format::WebP,
        };
        assert_eq!(
            site.media.rendition(digest, which).await.expect("reads"),
            None
        );
        let first = bytes(&site, digest, which).await.expect("makes");
        let first = first.expect("a rendition");
        assert_eq!(
            image::guess_format(&first).ok(),
            Some(image::ImageFormat::WebP)
        );
        let kept = site.media.rendition(digest, which).await.expect("reads");
        assert_eq!(kept.as_ref(), Some(&first));

        let file = site.media.rendition_path(digest, which);
        let mut altered = std::fs::read(&file).expect("reads");
        *altered.last_mut().expect("bytes") ^= 1;
        std::fs::write(&file, altered).expect("a flipped bit");
        assert_eq!(
            site.media.rendition(digest, which).await.expect("reads"),
            None,
            "a flipped bit is not served"
        );
        let again = bytes(&site, digest, which).await.expect("makes");
        assert_eq!(again, Some(first));

        site.media.remove(digest).await.expect("removes");
        assert!(!file.exists());
        assert_eq!(bytes(&site, digest, which).await.expect("asks"), None);
    }
}
