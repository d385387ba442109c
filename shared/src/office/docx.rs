//! A Word file: its words for whoever looks through them, its body as HTML for whoever goes on writing.
//!
//! The way in is [`read`]. What unpacks to more than a text needs is refused before it is unpacked;
//! every step costs no more than the bytes it looks at.

mod html;
mod numbering;
mod package;
mod relations;
mod story;
mod styles;
mod words;
mod xml;

#[cfg(test)]
pub(crate) mod tests;

use package::Package;
pub use story::{Align, Block, Cell, Inline, Look};

/// Why a Word file was not read, as whoever chose it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocxError {
    /// Not a Word file, whatever it is called.
    #[error("Tệp này không phải tệp Word (.docx) đọc được.")]
    NotWord,
    /// The format of before 2007, or locked with a password: both look alike from outside.
    #[error(
        "Tệp này là Word đời cũ (.doc) hoặc có mật khẩu. Hãy mở bằng Word, bỏ mật khẩu rồi lưu lại thành .docx."
    )]
    OldOrLocked,
    /// It carries a program.
    #[error(
        "Tệp này có macro nên không được nhận. Hãy mở bằng Word rồi lưu lại thành .docx không có macro."
    )]
    Macros,
    /// It unpacks to more than a text needs.
    #[error(
        "Tệp này giải nén ra quá lớn hoặc quá rối. Hãy chia thành nhiều tệp, bớt ảnh rồi thử lại."
    )]
    TooLarge,
    /// It begins well and goes on badly.
    #[error("Tệp này bị hỏng. Hãy mở bằng Word, lưu lại rồi thử lại.")]
    Broken,
}

/// A Word file that was read.
#[derive(Clone, Debug, Default)]
pub struct Document {
    blocks: Vec<Block>,
    pictures: Vec<Picture>,
    text: String,
    core_title: Option<String>,
}

/// A picture of a Word file, as it lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The name it has in the file.
    pub name: String,
    /// Its bytes; what they are is for their reader to find out.
    pub bytes: Vec<u8>,
}

/// Where a picture is shown once it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its address.
    pub url: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Reads a Word file.
pub fn read(bytes: &[u8]) -> Result<Document, DocxError> {
    let package = Package::open(bytes)?;
    let text = words::of(&package)?;
    let main = package.main_part()?;
    let relations = relations::read(&package, &main)?;
    let styles = styles::read(&package)?;
    let numbering = numbering::read(&package)?;
    let told = story::read(&package.xml(&main)?, &styles, &numbering, &relations)?;
    Ok(Document {
        pictures: package.pictures(&told.pictures)?,
        blocks: told.blocks,
        core_title: words::core_title(&package)?,
        text,
    })
}

impl Document {
    /// Everything that can be read anywhere in the file, hidden or not: body, headers, footers, notes,
    /// comments, deleted text that is still there, descriptions of pictures, properties.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its pictures, in the order in which they first appear.
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// What it is called: its first heading, or what its properties say.
    pub fn title(&self) -> Option<String> {
        let heading = self.title_at().and_then(|at| self.blocks.get(at));
        heading
            .map(Block::words)
            .or_else(|| self.core_title.clone())
            .filter(|title| !title.is_empty())
    }

    /// The body below the title, as HTML of the allow-list but uncleaned; `placed` says where picture
    /// number n of [`Document::pictures`] is shown, if it is.
    pub fn html(&self, placed: &dyn Fn(usize) -> Option<Placed>) -> String {
        let title = self.title_at();
        let blocks = self.blocks.iter().enumerate();
        html::write(
            blocks
                .filter(|(place, _)| Some(*place) != title)
                .map(|(_, block)| block),
            placed,
        )
    }

    fn title_at(&self) -> Option<usize> {
        let is = |wanted: fn(u8) -> bool| {
            self.blocks
                .iter()
                .position(|block| matches!(block, Block::Heading { level, .. } if wanted(*level)))
        };
        is(|level| level == 0).or_else(|| is(|level| level == 1))
    }
}
