//! Long work shown to whoever waits for it.

use indicatif::{ProgressBar, ProgressStyle};
use rustic_core::{HiddenProgress, Progress, ProgressBars, ProgressType, RusticProgress};
use std::sync::Mutex;
use std::sync::PoisonError;

/// Whether somebody watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bars {
    /// At a terminal.
    Shown,
    /// Nobody does.
    Hidden,
}

impl Bars {
    /// A bar that counts bytes, or nothing.
    pub fn bytes(self, words: &'static str, length: u64) -> ProgressBar {
        match self {
            Self::Hidden => ProgressBar::hidden(),
            Self::Shown => {
                let bar = ProgressBar::new(length);
                bar.set_style(style(
                    "{msg:32} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} còn {eta}",
                ));
                bar.set_message(words);
                bar
            }
        }
    }

    /// A bar that counts things, or nothing.
    pub fn things(self, words: &'static str, length: u64) -> ProgressBar {
        match self {
            Self::Hidden => ProgressBar::hidden(),
            Self::Shown => {
                let bar = ProgressBar::new(length);
                bar.set_style(style("{msg:32} [{bar:30}] {pos}/{len}"));
                bar.set_message(words);
                bar
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("█▉ ")
}

/// What the library does, in the words of the people who wait; the rest is over at once.
fn in_vietnamese(prefix: &str) -> Option<&'static str> {
    match prefix {
        "backing up..." => Some("Đang sao lưu"),
        "restoring file contents..." => Some("Đang lấy lại tệp"),
        "reading pack data..." => Some("Đang kiểm tra dữ liệu"),
        "checking trees..." => Some("Đang kiểm tra cây thư mục"),
        "repacking..." => Some("Đang thu gọn"),
        _ => None,
    }
}

impl ProgressBars for Bars {
    fn progress(&self, kind: ProgressType, prefix: &str) -> Progress {
        match (in_vietnamese(prefix), self) {
            (Some(words), Self::Shown) => {
                let bar = match kind {
                    ProgressType::Bytes => self.bytes(words, 0),
                    ProgressType::Counter | ProgressType::Spinner => self.things(words, 0),
                };
                Progress::new(Shown(Mutex::new(bar)))
            }
            _ => Progress::new(HiddenProgress),
        }
    }
}

#[derive(Debug)]
struct Shown(Mutex<ProgressBar>);

impl Shown {
    fn with(&self, act: impl FnOnce(&ProgressBar)) {
        act(&self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl RusticProgress for Shown {
    fn is_hidden(&self) -> bool {
        false
    }

    fn set_length(&self, length: u64) {
        self.with(|bar| bar.set_length(length));
    }

    fn set_title(&self, _title: &str) {}

    fn inc(&self, by: u64) {
        self.with(|bar| bar.inc(by));
    }

    fn finish(&self) {
        self.with(ProgressBar::finish);
    }
}
