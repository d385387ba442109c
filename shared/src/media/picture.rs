//! Pictures as they come from a phone or a scanner, made fit to publish.

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType};
use std::io::Cursor;

/// Largest upload, in bytes.
pub const LARGEST_UPLOAD: usize = 10 * 1024 * 1024;
/// Longest side that is decoded, in pixels.
const LONGEST_SIDE: u32 = 8_192;
/// Memory one decoder may take.
const DECODER_MEMORY: u64 = 64 * 1024 * 1024;
/// Widest picture that is published, in pixels.
const WIDEST: u32 = 960;
/// JPEG quality: a 960-pixel photograph stays under 90 kB or so.
const QUALITY: u8 = 78;

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
    #[error("Ảnh lớn quá 10 MB. Hãy chọn ảnh nhỏ hơn hoặc giảm kích thước trước khi tải lên.")]
    TooLarge,
    /// Too many pixels.
    #[error("Ảnh có kích thước quá lớn (tối đa 8.192 × 8.192 điểm ảnh).")]
    TooManyPixels,
    /// Not a picture of a kind we take, whatever its name says.
    #[error("Tệp này không phải ảnh JPEG, PNG, WebP hoặc GIF đọc được.")]
    NotAPicture,
}

/// Decodes an upload within bounds, turns it upright, fits it to the page and encodes it anew, so
/// that nothing of the file but its pixels goes on. Takes a while: call it off the async threads.
pub fn prepare(upload: &[u8]) -> Result<Picture, PictureError> {
    if upload.len() > LARGEST_UPLOAD {
        return Err(PictureError::TooLarge);
    }
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
    limits.max_alloc = Some(DECODER_MEMORY * 4);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > u64::from(LONGEST_SIDE) * u64::from(LONGEST_SIDE) {
        return Err(PictureError::TooManyPixels);
    }
    let orientation = decoder
        .orientation()
        .unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    picture.apply_orientation(orientation);
    if picture.width() > WIDEST {
        picture = picture.resize(WIDEST, LONGEST_SIDE, FilterType::CatmullRom);
    }
    encode(&picture)
}

fn encode(picture: &DynamicImage) -> Result<Picture, PictureError> {
    let pixels = flatten(picture);
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&pixels)
        .map_err(refusal)?;
    Ok(Picture {
        bytes,
        width: pixels.width(),
        height: pixels.height(),
    })
}

/// Transparent parts become white, as on paper.
fn flatten(picture: &DynamicImage) -> image::RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let source = picture.to_rgba8();
    image::RgbImage::from_fn(source.width(), source.height(), |x, y| {
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
        let picture = prepare(&png(2_000, 1_000)).expect("a picture");
        assert_eq!((picture.width, picture.height), (960, 480));
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

    #[test]
    fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(prepare(&bytes).is_err());
    }
}
