//! Pictures as they come from a phone or a scanner, made fit to publish.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Largest upload, in bytes.
pub const LARGEST_UPLOAD: usize = 10 * 1024 * 1024;
/// Longest side that is decoded, in pixels.
const LONGEST_SIDE: u32 = 8_192;
/// Memory one decoder may take.
const DECODER_MEMORY: u64 = 64 * 1024 * 1024;
/// Widest picture that is kept, in pixels; what pages show is made of it.
pub const WIDEST: u32 = 1_600;
/// JPEG quality of what is kept.
const QUALITY: u8 = 82;
/// Pictures decoded at once, over all sites of a process.
const AT_ONCE: usize = 2;

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// Does `work` on pixels off the async threads, when it is its turn.
pub async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    let turn = Arc::clone(&TURNS).acquire_owned().await?;
    let done = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, not with whoever waits for it.
        let _turn = turn;
        work()
    });
    Ok(done.await?)
}

/// A picture fit to publish: upright, small, without a camera's data about place and person.
#[derive(Clone, Debug)]
pub struct Picture {
    /// JPEG.
    pub bytes: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// The media type of every [`Picture`].
pub const MIME: &str = "image/jpeg";

/// Why a picture was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PictureError {
    /// Too many bytes.
    #[error("lớn quá 10 MB. Hãy chọn ảnh nhỏ hơn hoặc giảm kích thước trước khi tải lên.")]
    TooLarge,
    /// Too many pixels.
    #[error(
        "có quá nhiều điểm ảnh (tối đa 8.192 điểm mỗi chiều và khoảng 20 triệu điểm). Hãy giảm kích thước ảnh rồi tải lên lại."
    )]
    TooManyPixels,
    /// Not a picture of a kind we take, whatever its name says.
    #[error("không phải ảnh JPEG, PNG, WebP hoặc GIF đọc được.")]
    NotAPicture,
}

/// Decodes an upload within bounds, turns it upright, fits it to what is kept and encodes it anew, so
/// that nothing of the file but its pixels goes on. Takes a while: call it [`in_turn`].
pub fn prepare(upload: &[u8]) -> Result<Picture, PictureError> {
    if upload.len() > LARGEST_UPLOAD {
        return Err(PictureError::TooLarge);
    }
    encode(fitted(decode(upload)?, WIDEST))
}

/// The pixels of a picture, upright, without transparent parts, within bounds that hold before
/// anything is decoded.
pub fn decode(upload: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(upload).map_err(|_| PictureError::NotAPicture)?;
    let is_taken = matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif
    );
    if !is_taken {
        return Err(PictureError::NotAPicture);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(DECODER_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    // Decoders hold themselves to the sides alone.
    if decoder.total_bytes() > DECODER_MEMORY {
        return Err(PictureError::TooManyPixels);
    }
    let orientation = decoder
        .orientation()
        .unwrap_or(image::metadata::Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    let mut picture = DynamicImage::ImageRgb8(flatten(picture));
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// `pixels` no wider than `width`.
pub fn fitted(pixels: DynamicImage, width: u32) -> DynamicImage {
    if pixels.width() <= width {
        return pixels;
    }
    let height = u64::from(pixels.height()) * u64::from(width) / u64::from(pixels.width());
    let height = u32::try_from(height.max(1)).unwrap_or(LONGEST_SIDE);
    // Averaging needs no more memory than its result; finer filters need a copy in floating point,
    // which a picture that is much larger than the page is not worth.
    match pixels.width() / width >= 2 {
        true => pixels.thumbnail_exact(width, height),
        false => pixels.resize_exact(width, height, FilterType::CatmullRom),
    }
}

fn encode(pixels: DynamicImage) -> Result<Picture, PictureError> {
    Ok(Picture {
        bytes: jpeg(&pixels, QUALITY)?,
        width: pixels.width(),
        height: pixels.height(),
    })
}

/// `pixels` as a JPEG.
pub fn jpeg(pixels: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    pixels
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        .map_err(refusal)?;
    Ok(bytes)
}

/// Transparent parts become white, as on paper.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let source = picture.into_rgba8();
    RgbImage::from_fn(source.width(), source.height(), |x, y| {
        let [r, g, b, alpha] = source.get_pixel(x, y).0;
        let over_white = |channel: u8| {
            let alpha = u32::from(alpha);
            u8::try_from((u32::from(channel) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
        };
        image::Rgb([over_white(r), over_white(g), over_white(b)])
    })
}

fn refusal(error: image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(_) => PictureError::TooManyPixels,
        _ => PictureError::NotAPicture,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(width, height)
            .write_to(&mut bytes, ImageFormat::Png)
            .expect("encodes");
        bytes.into_inner()
    }

    #[test]
    fn a_large_picture_becomes_a_small_upright_jpeg() {
        let picture = prepare(&png(2_400, 1_200)).expect("a picture");
        assert_eq!((picture.width, picture.height), (1_600, 800));
        assert_eq!(
            image::guess_format(&picture.bytes).ok(),
            Some(ImageFormat::Jpeg)
        );
    }

    #[test]
    fn what_only_calls_itself_a_picture_is_refused() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        for upload in [&svg[..], b"<html>", b"", b"GIF89a", b"\x89PNG\r\n\x1a\n"] {
            assert_eq!(
                prepare(upload).expect_err("refused"),
                PictureError::NotAPicture
            );
        }
        assert_eq!(
            prepare(&vec![0; LARGEST_UPLOAD + 1]).expect_err("refused"),
            PictureError::TooLarge
        );
    }

    /// A JPEG that a phone held sideways made: its pixels lie, and EXIF says so, and where it was.
    fn sideways() -> Vec<u8> {
        let left_red = RgbImage::from_fn(64, 32, |x, _| match x < 32 {
            true => image::Rgb([220, 20, 20]),
            false => image::Rgb([20, 20, 220]),
        });
        let jpeg = jpeg(&left_red.into(), 90).expect("encodes");
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
        // Orientation 6: to be turned right by a quarter.
        exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        exif.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26");
        exif.extend(b"\0\0\0\0 GPS 14.5333N CANARY");
        let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>CANARY</x:xmpmeta>";
        let iptc = b"Photoshop 3.0\08BIM CANARY";
        let mut bytes = jpeg[..2].to_vec();
        for (marker, data) in [
            (0xE1, exif.as_slice()),
            (0xE1, xmp),
            (0xED, iptc),
            (0xFE, b"CANARY"),
        ] {
            let length = u16::try_from(data.len() + 2).expect("short");
            bytes.extend([0xFF, marker]);
            bytes.extend(length.to_be_bytes());
            bytes.extend(data);
        }
        bytes.extend(&jpeg[2..]);
        bytes
    }

    #[test]
    fn a_picture_is_turned_upright_and_nothing_but_its_pixels_goes_on() {
        let picture = prepare(&sideways()).expect("a picture");
        assert_eq!((picture.width, picture.height), (32, 64));
        let pixels = decode(&picture.bytes).expect("decodes").into_rgb8();
        assert!(pixels.get_pixel(16, 8).0[0] > 150, "red is on top");
        assert!(pixels.get_pixel(16, 56).0[2] > 150, "blue is below");
        for trace in [
            &b"CANARY"[..],
            b"GPS",
            b"Exif",
            b"xmpmeta",
            b"8BIM",
            b"14.5333",
        ] {
            let remains = picture.bytes.windows(trace.len()).any(|here| here == trace);
            assert!(!remains, "{}", String::from_utf8_lossy(trace));
        }
    }

    #[test]
    fn a_picture_of_more_memory_than_a_decoder_may_take_is_refused() {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&8_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&8_000_u32.to_be_bytes());
        let mut sum = flate2::Crc::new();
        sum.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.sum().to_be_bytes());
        assert_eq!(prepare(&bytes).err(), Some(PictureError::TooManyPixels));
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(prepare(&bytes).is_err());
    }
}
