//! Video: a file of the site's own, or one that is shown at YouTube. Its picture is the lead picture.

use crate::entries::item::{Item, ItemError, MediaRole, bound};
use crate::media::youtube;
use crate::newsroom::draft::File;
use crate::newsroom::form::{Check, DraftForm};
use serde::{Deserialize, Serialize};

/// The fields of a video.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFields {
    /// Its id at YouTube; none for a file among the attachments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub youtube: Option<String>,
}

impl VideoFields {
    /// Where YouTube shows it.
    pub fn address(&self) -> Option<String> {
        let id = self.youtube.as_ref()?;
        Some(format!("https://www.youtube.com/watch?v={id}"))
    }
}

/// Whether `id` can be the id of a video at YouTube.
fn is_id(id: &str) -> bool {
    youtube_id(&format!("https://youtu.be/{id}")).as_deref() == Some(id)
}

/// The id in any form of address YouTube hands out.
fn youtube_id(typed: &str) -> Option<String> {
    youtube::Video::parse(typed).map(|video| video.id)
}

pub(super) fn check(item: &Item) -> Result<(), ItemError> {
    let youtube = item
        .fields
        .video
        .as_ref()
        .and_then(|video| video.youtube.as_deref());
    bound(
        youtube.is_none_or(is_id),
        "_entry.video.youtube",
        "phải là mã video 11 ký tự",
    )?;
    let has_file = item
        .attachments
        .iter()
        .any(|attachment| attachment.role == MediaRole::Video);
    bound(
        youtube.is_some() != has_file,
        "_entry.video",
        "phải có hoặc mã YouTube, hoặc một tệp video, không cả hai",
    )
}

/// A video being prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Its id at YouTube.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub youtube: Option<String>,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// Its captions, WebVTT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captions: Option<File>,
}

impl Draft {
    pub(super) fn of(item: &Item) -> Self {
        let of_role = |role| {
            let mut all = item.attachments.iter();
            let found = all.find(|attachment| attachment.role == role)?;
            Some(File {
                digest: found.sha256,
                name: found.title.clone().unwrap_or_default(),
            })
        };
        let video = item.fields.video.clone().unwrap_or_default();
        Self {
            youtube: video.youtube,
            file: of_role(MediaRole::Video),
            captions: of_role(MediaRole::Captions),
        }
    }

    pub(super) fn read(form: &DraftForm, check: &mut Check) -> Self {
        let typed = form.youtube.trim();
        let youtube = youtube_id(typed);
        if youtube.is_none() && !typed.is_empty() {
            check.say(
                "youtube",
                "Địa chỉ này không phải của một video YouTube. Hãy chép lại từ nút Chia sẻ dưới video.",
            );
        }
        Self {
            youtube,
            file: kept(&form.video_kept, &form.video_drop),
            captions: kept(&form.captions_kept, &form.captions_drop),
        }
    }

    pub(super) fn write(&self, form: &mut DraftForm) {
        let field = |file: &Option<File>| file.as_ref().map(File::to_field).unwrap_or_default();
        form.youtube = match &self.youtube {
            Some(id) => format!("https://youtu.be/{id}"),
            None => String::new(),
        };
        form.video_kept = field(&self.file);
        form.captions_kept = field(&self.captions);
    }

    pub(super) fn lacking(&self, need: &mut dyn FnMut(bool, &str, &str)) {
        need(
            self.youtube.is_some() || self.file.is_some(),
            "youtube",
            "Hãy dán địa chỉ YouTube hoặc tải tệp video lên.",
        );
        need(
            self.youtube.is_none() || self.file.is_none(),
            "youtube",
            "Hãy chọn một: địa chỉ YouTube hoặc tệp video.",
        );
    }

    pub(super) fn to_fields(&self) -> VideoFields {
        VideoFields {
            youtube: self.youtube.clone(),
        }
    }
}

fn kept(sent: &str, dropped: &str) -> Option<File> {
    File::of_field(sent).filter(|_| dropped.is_empty())
}
