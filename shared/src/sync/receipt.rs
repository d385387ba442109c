//! What a receiver answers once what it took is durable.

use crate::log::{Digest, Lane};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The receiver's word: everything of the lane up to `cursor` is stored or refused for good. It is
/// given after the commit and never before; an answer without one is no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Version, 1.
    pub v: u32,
    /// The stream.
    pub stream: Uuid,
    /// The lane.
    #[schema(value_type = String, example = "regular")]
    pub lane: Lane,
    /// The receiver's cursor now.
    pub cursor: i64,
    /// One for each item, in the order of the batch.
    pub outcomes: Vec<ItemOutcome>,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ItemOutcome {
    /// The log, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Uuid>,
    /// The place in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// The digest of the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub digest: Option<Digest>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused, by slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "foreign-unit")]
    pub reason: Option<Reason>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What can become of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored.
    Accepted,
    /// Stored before; nothing changed.
    Duplicate,
    /// Not stored, and sending it again would not change that.
    Refused,
}

/// Why an item is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Not of the shape the protocol gives it.
    Malformed,
    /// Written by a later version.
    VersionUnsupported,
    /// Of a kind this version does not know.
    KindUnknown,
    /// Signed with a key of no site we know.
    UnknownSite,
    /// The signature does not fit.
    SignatureInvalid,
    /// The key was taken out of use.
    KeyRevoked,
    /// The content is not the one the header names.
    ContentMismatch,
    /// The site speaks for a unit that is not its own.
    ForeignUnit,
    /// The site may not speak at present.
    SiteSuspended,
    /// The peer may not pass on this site's events.
    NotRelayed,
    /// The entry was born at another site.
    NotOrigin,
    /// Only the hub may say this.
    HubOnly,
    /// A letter to another unit.
    NotAddressee,
    /// Another event has this place in the log.
    LogForked,
    /// It does not follow the event before it.
    ChainBroken,
    /// It bears a secrecy mark.
    Secrecy,
}

impl Reason {
    /// Its name in the database and on the wire.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::VersionUnsupported => "version-unsupported",
            Self::KindUnknown => "kind-unknown",
            Self::UnknownSite => "unknown-site",
            Self::SignatureInvalid => "signature-invalid",
            Self::KeyRevoked => "key-revoked",
            Self::ContentMismatch => "content-mismatch",
            Self::ForeignUnit => "foreign-unit",
            Self::SiteSuspended => "site-suspended",
            Self::NotRelayed => "not-relayed",
            Self::NotOrigin => "not-origin",
            Self::HubOnly => "hub-only",
            Self::NotAddressee => "not-addressee",
            Self::LogForked => "log-forked",
            Self::ChainBroken => "chain-broken",
            Self::Secrecy => "secrecy",
        }
    }

    /// In words, for the people of both sides.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Malformed => "Mục không đúng định dạng của giao thức",
            Self::VersionUnsupported => {
                "Mục thuộc phiên bản giao thức mới hơn; cần nâng cấp bên nhận"
            }
            Self::KindUnknown => "Loại sự kiện chưa được hỗ trợ; cần nâng cấp bên nhận",
            Self::UnknownSite => "Khóa ký không thuộc trang nào trong danh bạ của tỉnh",
            Self::SignatureInvalid => "Chữ ký không khớp với nội dung",
            Self::KeyRevoked => "Khóa ký đã bị thu hồi hoặc hết hạn",
            Self::ContentMismatch => "Nội dung không khớp với mã băm đã ký",
            Self::ForeignUnit => "Trang gửi phát ngôn thay cho đơn vị khác",
            Self::SiteSuspended => "Trang gửi đang bị tạm dừng",
            Self::NotRelayed => "Bên gửi không được chuyển tiếp sự kiện của trang khác",
            Self::NotOrigin => "Chỉ nơi phát hành mới được sửa hoặc gỡ mục này",
            Self::HubOnly => "Chỉ cổng của tỉnh mới được gửi loại sự kiện này",
            Self::NotAddressee => "Thư gửi cho đơn vị khác",
            Self::LogForked => "Vị trí này trong nhật ký đã có một sự kiện khác",
            Self::Secrecy => {
                "Bài có dấu chỉ độ mật: bên nhận không lưu, không hiện. Hãy gỡ bài và báo người phụ trách bảo mật"
            }
            Self::ChainBroken => "Sự kiện không nối tiếp sự kiện đứng trước trong nhật ký",
        }
    }
}
