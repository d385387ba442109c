//! What stands around every page of the back office: who is here, what there is to open, what was
//! just done.

use crate::accounts::current_user::Newcomer;
use crate::accounts::{CurrentUser, Right};
use crate::audit::{self, Action, Subject};
use crate::entries::Placing;
use crate::error::{Error, Result};
use crate::newsroom::draft;
use crate::newsroom::inbox;
use crate::newsroom::moves;
use crate::newsroom::workflow::State;
use crate::pages::frame;
use crate::pages::newsroom::{
    bulletins, cases, comments, face, library, lists, manual, own_ranking, people, refused,
    royalties, screening, tips,
};
use crate::pages::view::{Desk, DeskGroup, DeskItem, Flash, Link, Pagination, Person, Stamp, Tone};
use crate::pages::visit::Visit;
use crate::ranking;
use crate::room::Level;
use crate::site::Site;
use crate::sync::{peer, refusal};
use crate::vietnamese;
use askama::Template;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use url::form_urlencoded;

/// Lines of a list on one page.
pub const PAGE: u64 = 20;

/// Somebody who is signed in, looking at a page of the back office.
pub struct AtDesk {
    /// The site.
    pub site: Arc<Site>,
    /// Who.
    pub user: CurrentUser,
    /// The request.
    pub visit: Visit,
}

impl<S> FromRequestParts<S> for AtDesk
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let user = CurrentUser::from_request_parts(parts, state).await?;
        let Ok(visit) = Visit::from_request_parts(parts, state).await;
        Ok(Self {
            site: Arc::<Site>::from_ref(state),
            user,
            visit,
        })
    }
}

/// The same of somebody who may still have a second factor to set up.
pub struct NewcomerAt(pub AtDesk);

impl<S> FromRequestParts<S> for NewcomerAt
where
    Arc<Site>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Newcomer(user) = Newcomer::from_request_parts(parts, state).await?;
        let Ok(visit) = Visit::from_request_parts(parts, state).await;
        Ok(Self(AtDesk {
            site: Arc::<Site>::from_ref(state),
            user,
            visit,
        }))
    }
}

impl AtDesk {
    /// The surroundings of the page called `title`, which lies at `current` in the menu.
    pub async fn desk(&self, title: &str, current: &str) -> Result<Desk> {
        // Before the second factor is set up, nothing else opens.
        let mut menu = match self.user.lacks_factor {
            true => Vec::new(),
            false => self.menu().await?,
        };
        for item in &mut menu {
            item.current = item.url == current;
        }
        Ok(Desk {
            person: Some(Person {
                name: self.user.account.name.clone(),
                role: self.roles(),
            }),
            menu,
            csrf: self.user.session.csrf.clone(),
            ..outside(&self.site, &self.visit, title)
        })
    }

    /// The person's roles, in words.
    pub fn roles(&self) -> String {
        let roles = self.user.rights.roles();
        let labels: Vec<String> = roles
            .iter()
            .map(|role| role.label().to_lowercase())
            .collect();
        labels.join(", ")
    }

    /// What else this person may do with an entry.
    pub fn others(&self, entry: uuid::Uuid) -> Vec<Link> {
        let all = self.site.role.entry_actions(entry).into_iter();
        all.filter(|(right, _)| self.user.may(*right))
            .map(|(_, link)| link)
            .collect()
    }

    /// Answers with a page.
    pub fn answer(&self, page: &impl Template) -> Result<Response> {
        self.visit.answer_uncached(StatusCode::OK, page)
    }

    /// Answers with a form that has to be mended.
    pub fn answer_again(&self, page: &impl Template) -> Result<Response> {
        self.visit
            .answer_uncached(StatusCode::UNPROCESSABLE_ENTITY, page)
    }

    async fn menu(&self) -> Result<Vec<DeskItem>> {
        use DeskGroup::{Citizens, Province, Site, Writing};
        let db = self.site.db.reader();
        let mut menu = Vec::new();
        let mut add = |group, label: &str, url: &str, icon: &str, count: u64| {
            menu.push(DeskItem::new(group, label, url, icon, count));
        };
        let to_do = draft::count(db, &self.drafts_to_do()).await?;
        add(Writing, "Bàn làm việc", "/quan-tri", "layout-dashboard", 0);
        add(Writing, "Tin, bài", "/quan-tri/bai-viet", "news", to_do);
        if self.user.may(Right::WriteDraft) {
            add(Writing, "Thư viện", library::PATH, "photo", 0);
        }
        if self.user.may(Right::DecideInbox) {
            let waiting = inbox::count(db, Placing::Inbox).await?;
            add(Writing, "Hộp đến", "/quan-tri/hop-den", "inbox", waiting);
        }
        if self.user.may(Right::SeeRoyalties) {
            add(Writing, royalties::NAME, royalties::PATH, "file-text", 0);
        }
        if self.user.may(Right::ReadCases) {
            let (waiting, _) = cases::waiting(self).await?;
            let name = "Hỏi – đáp, phản ánh";
            add(Citizens, name, cases::PATH, "users", waiting);
            let waiting = comments::waiting(self).await?;
            let (name, path) = (comments::NAME, comments::PATH);
            add(Citizens, name, path, "file-text", waiting);
        }
        if let Some(waiting) = tips::waiting(self).await? {
            let icon = "shield-exclamation";
            add(Citizens, "Tin báo kín", tips::PATH, icon, waiting);
        }
        let path = super::readers_say::PATH;
        add(Citizens, "Người đọc nói gì", path, "eye", 0);
        if peer::upstream(db).await?.is_some() {
            if self.user.may(Right::SeeSync) {
                add(Province, "Đã gửi lên tỉnh", "/quan-tri/da-gui", "send", 0);
            }
            let (name, waiting) = ("Thông báo của tỉnh", bulletins::waiting(self).await?);
            add(Province, name, bulletins::PATH, "speakerphone", waiting);
            let open = ranking::told::count_open(&self.site).await?;
            let (name, path) = (own_ranking::NAME, own_ranking::PATH);
            add(Province, name, path, "layout-list", open);
        }
        if self.user.may(Right::ManageFace) {
            add(Site, "Giao diện trang", face::PATH, "sparkles", 0);
        }
        if self.user.may(Right::ManageLists) {
            add(Site, "Danh mục", lists::PATH, "layout-list", 0);
        }
        if self.user.may(Right::ManageAccounts) {
            add(Site, "Người dùng", people::PATH, "users", 0);
        }
        if let Some(held) = screening::waiting(self).await? {
            let icon = "shield-exclamation";
            add(Site, "Sàng lọc", screening::PATH, icon, held);
        }
        if self.user.may(Right::SeeSync) {
            let (icon, refused) = ("shield-exclamation", refusal::count(db).await?);
            add(Site, "Bị từ chối", refused::PATH, icon, refused);
        }
        if self.user.may(Right::SeeAudit) {
            let path = super::audit::PATH;
            add(Site, "Nhật ký thao tác", path, "file-text", 0);
        }
        add(Site, "Hướng dẫn", manual::PATH, "book", 0);
        let of_role = self.site.role.desk_items(&self.site).await?.into_iter();
        menu.extend(
            of_role
                .filter(|(right, _)| self.user.may(*right))
                .map(|(_, item)| item),
        );
        // Each group in the order it was added in.
        menu.sort_by_key(|item| item.group);
        Ok(menu)
    }

    /// Records that this person did `action` to `subject`, by itself: for what has no transaction of its
    /// own here.
    pub async fn note(&self, action: Action, subject: Subject) -> Result<()> {
        let (by, now) = (self.user.actor(), self.site.clock.now().timestamp_millis());
        self.site
            .db
            .write(move |tx| {
                Box::pin(async move { audit::record(tx, &by, action, subject, now).await })
            })
            .await
    }

    /// The drafts that wait for this person.
    pub fn drafts_to_do(&self) -> draft::Filter {
        if self.user.may(Right::EditOthers) {
            draft::Filter {
                states: State::WAITING.to_vec(),
                ..self.drafts()
            }
        } else {
            draft::Filter {
                states: vec![State::Returned],
                written_by: Some(self.user.id()),
                ..self.drafts()
            }
        }
    }

    /// Whoever is signed in, as the workflow asks about entries of `section`.
    pub fn person(&self, section: &str) -> moves::Person {
        moves::Person::of(&self.user, section)
    }

    /// The drafts this person may see.
    pub fn drafts(&self) -> draft::Filter {
        draft::Filter {
            seen_by: Some(self.sight()),
            ..draft::Filter::default()
        }
    }

    fn sight(&self) -> draft::Sight {
        draft::Sight {
            account: self.user.id(),
            own: self.user.scope(Right::WriteDraft),
            others: self.user.scope(Right::ReadOthers),
        }
    }

    /// Whether this person may see `draft`.
    pub fn sees(&self, draft: &draft::Model) -> bool {
        self.sight().covers(draft)
    }

    /// The draft `id`, if this person may see it; otherwise there is none.
    pub async fn draft(&self, id: uuid::Uuid) -> Result<draft::Model> {
        let found = draft::find(self.site.db.reader(), id).await?;
        found
            .filter(|draft| self.sees(draft))
            .ok_or(Error::NotFound)
    }

    /// The draft `id`, if this person may see it and do with it what `right` says.
    pub async fn draft_for(&self, id: uuid::Uuid, right: Right) -> Result<draft::Model> {
        self.user.require(right)?;
        let draft = self.draft(id).await?;
        self.user.require_in(right, &draft.section)?;
        Ok(draft)
    }

    /// The draft `id`, if this person may change it: one's own, or as an editor.
    pub async fn draft_to_change(&self, id: uuid::Uuid) -> Result<draft::Model> {
        let draft = self.draft(id).await?;
        let right = match draft.written_by == Some(self.user.id()) {
            true => Right::WriteDraft,
            false => Right::EditOthers,
        };
        self.user.require_in(right, &draft.section)?;
        Ok(draft)
    }
}

/// The surroundings of a page for which nobody need be signed in.
pub fn outside(site: &Site, visit: &Visit, title: &str) -> Desk {
    let bare = frame::bare(site, visit.display);
    let now = vietnamese::local(site.clock.now());
    Desk {
        assets: bare.assets,
        site: bare.site,
        display: bare.display,
        title: title.to_owned(),
        made_at: Stamp {
            iso: now.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
            text: now.format("%H:%M:%S").to_string(),
        },
        alarm: alarm(site),
        flash: done_just_now(&visit.path),
        ..Desk::default()
    }
}

/// What the people at the desk should know of the disk.
fn alarm(site: &Site) -> Option<String> {
    match site.room.level() {
        Level::Ample => None,
        Level::Low | Level::Full => site.room.in_words().map(|words| {
            format!("Ổ đĩa của máy chủ {words}. Vẫn đọc, duyệt và gỡ bài được; hãy báo người quản trị máy chủ.")
        }),
    }
}

/// What a form did, as the page it leads to says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A draft was kept.
    Saved,
    /// A draft was handed in.
    Submitted,
    /// A draft was sent back.
    SentBack,
    /// A draft was put before whoever approves.
    Proposed,
    /// A draft was approved.
    Approved,
    /// A draft is published by itself at its time.
    Scheduled,
    /// A draft is no longer published by itself.
    Unscheduled,
    /// A draft was put away.
    Archived,
    /// A draft was taken out again.
    Unarchived,
    /// An earlier version was made the newest.
    Restored,
    /// Something was said beside a text.
    Noted,
    /// Somebody said that the clock is right.
    ClockConfirmed,
    /// An entry was looked at afterwards.
    PostChecked,
    /// An entry was published.
    Published,
    /// An entry was taken back.
    Withdrawn,
    /// An arrival is shown.
    Accepted,
    /// An arrival was sent back.
    Returned,
    /// An arrival was passed over.
    Skipped,
    /// What was refused here was fetched again and taken.
    Taken,
    /// What was refused here was fetched again and is refused still.
    RefusedStill,
    /// The peer was asked to send again what was refused here.
    AskedAgain,
    /// The peer could not be asked.
    NotReached,
    /// What a peer refused is sent again.
    SentAgain,
    /// A refusal was set aside.
    SetAside,
    /// An entry was recalled everywhere.
    Recalled,
    /// A recall waits for a second person.
    RecallProposed,
    /// A proposal to recall was dropped.
    RecallDropped,
    /// A recall was taken back.
    RecallLifted,
    /// Uploads were taken into the library.
    Kept,
    /// An upload was removed.
    Removed,
    /// A list was changed.
    ListChanged,
    /// The face of the site was changed.
    FaceChanged,
    /// It was changed which sections are taken without asking.
    AutoTakeChanged,
    /// What screening held was let pass.
    LetPass,
    /// Sessions were ended.
    SessionsEnded,
    /// The person's own password was changed.
    PasswordChanged,
    /// What an account may do was changed.
    Granted,
    /// An account was switched off.
    SwitchedOff,
    /// An account was switched on again.
    SwitchedOn,
    /// A second factor was taken away.
    FactorReset,
    /// An invitation was taken back.
    InvitationTakenBack,
    /// Who asked was told something.
    Answered,
    /// What somebody asked is another unit's now.
    PassedOn,
    /// Something was noted about a member.
    MemberNoted,
    /// A member is neither heard nor served for now.
    MemberSuspended,
    /// A member is heard and served again.
    MemberResumed,
    /// A member has left.
    MemberClosed,
    /// A member was looked at from outside.
    MemberLookedAt,
    /// The way to a member was examined.
    MemberExamined,
    /// How much a member's vault may hold was settled.
    VaultQuotaSet,
    /// A route is in force as it is now.
    RouteSaved,
    /// A route was removed.
    RouteRemoved,
    /// Somebody said they know of what is wrong.
    AlertsKnown,
    /// Whom alerts are told to was changed.
    RecipientsChanged,
    /// A message that tries the way to a recipient was written.
    TrialWritten,
    /// A bulletin is on its way to every page it is for.
    BulletinSaid,
    /// A bulletin is being taken from every page.
    BulletinLifted,
    /// The province is told that a bulletin was taken note of.
    BulletinAcknowledged,
    /// The province is told what people say of its ranking.
    RankingObjected,
    /// An entry was graded, or its grade taken back.
    RoyaltyGraded,
    /// A statement of royalties was approved.
    RoyaltiesApproved,
    /// An approval of one was taken back.
    RoyaltiesReopened,
    /// A statement was locked.
    RoyaltiesLocked,
    /// A line that mends a locked statement was entered or taken away.
    RoyaltyAdjusted,
    /// A step of a ranking was taken.
    RankingMoved,
    /// A version of the scheme of ranking was loaded.
    SchemeAdded,
    /// A merger or another operation on units was entered.
    ReorganisationEntered,
    /// One was withdrawn.
    ReorganisationWithdrawn,
}

impl Done {
    const ALL: [Self; 68] = [
        Self::Saved,
        Self::Submitted,
        Self::SentBack,
        Self::Proposed,
        Self::Approved,
        Self::Scheduled,
        Self::Unscheduled,
        Self::Archived,
        Self::Unarchived,
        Self::Restored,
        Self::Noted,
        Self::ClockConfirmed,
        Self::PostChecked,
        Self::Published,
        Self::Withdrawn,
        Self::Accepted,
        Self::Returned,
        Self::Skipped,
        Self::Taken,
        Self::RefusedStill,
        Self::AskedAgain,
        Self::NotReached,
        Self::SentAgain,
        Self::SetAside,
        Self::Recalled,
        Self::RecallProposed,
        Self::RecallDropped,
        Self::RecallLifted,
        Self::Kept,
        Self::Removed,
        Self::ListChanged,
        Self::FaceChanged,
        Self::AutoTakeChanged,
        Self::LetPass,
        Self::SessionsEnded,
        Self::PasswordChanged,
        Self::Granted,
        Self::SwitchedOff,
        Self::SwitchedOn,
        Self::FactorReset,
        Self::InvitationTakenBack,
        Self::Answered,
        Self::PassedOn,
        Self::MemberNoted,
        Self::MemberSuspended,
        Self::MemberResumed,
        Self::MemberClosed,
        Self::MemberLookedAt,
        Self::MemberExamined,
        Self::VaultQuotaSet,
        Self::RouteSaved,
        Self::RouteRemoved,
        Self::AlertsKnown,
        Self::RecipientsChanged,
        Self::TrialWritten,
        Self::BulletinSaid,
        Self::BulletinLifted,
        Self::BulletinAcknowledged,
        Self::RankingObjected,
        Self::RoyaltyGraded,
        Self::RoyaltiesApproved,
        Self::RoyaltiesReopened,
        Self::RoyaltiesLocked,
        Self::RoyaltyAdjusted,
        Self::RankingMoved,
        Self::SchemeAdded,
        Self::ReorganisationEntered,
        Self::ReorganisationWithdrawn,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Saved => "luu",
            Self::Submitted => "gui-duyet",
            Self::SentBack => "tra-nguoi-viet",
            Self::Proposed => "trinh-duyet",
            Self::Approved => "duyet",
            Self::Scheduled => "hen-gio",
            Self::Unscheduled => "bo-hen-gio",
            Self::Archived => "luu-tru",
            Self::Unarchived => "lay-ra",
            Self::Restored => "khoi-phuc",
            Self::Noted => "ghi-chu",
            Self::ClockConfirmed => "dong-ho",
            Self::PostChecked => "hau-kiem",
            Self::Published => "dang",
            Self::Withdrawn => "go",
            Self::Accepted => "nhan",
            Self::Returned => "tra-lai",
            Self::Skipped => "bo-qua",
            Self::Taken => "da-nhan-lai",
            Self::RefusedStill => "van-tu-choi",
            Self::AskedAgain => "da-yeu-cau",
            Self::NotReached => "chua-lien-lac",
            Self::SentAgain => "gui-lai",
            Self::SetAside => "gac-lai",
            Self::Recalled => "thu-hoi",
            Self::RecallProposed => "de-nghi-thu-hoi",
            Self::RecallDropped => "bo-de-nghi",
            Self::RecallLifted => "rut-lenh",
            Self::Kept => "tai-len",
            Self::Removed => "xoa",
            Self::ListChanged => "danh-muc",
            Self::FaceChanged => "giao-dien",
            Self::AutoTakeChanged => "tu-nhan",
            Self::LetPass => "cho-qua",
            Self::SessionsEnded => "dang-xuat",
            Self::PasswordChanged => "doi-mat-khau",
            Self::Granted => "giao-quyen",
            Self::SwitchedOff => "tat-tai-khoan",
            Self::SwitchedOn => "bat-tai-khoan",
            Self::FactorReset => "dat-lai-hai-lop",
            Self::InvitationTakenBack => "huy-loi-moi",
            Self::Answered => "tra-loi",
            Self::PassedOn => "chuyen",
            Self::MemberNoted => "ghi-don-vi",
            Self::MemberSuspended => "tam-dung",
            Self::MemberResumed => "chay-tiep",
            Self::MemberClosed => "dong-trang",
            Self::MemberLookedAt => "xem-lai",
            Self::MemberExamined => "kham",
            Self::VaultQuotaSet => "han-muc-kho",
            Self::RouteSaved => "luu-tuyen",
            Self::RouteRemoved => "xoa-tuyen",
            Self::AlertsKnown => "da-biet",
            Self::RecipientsChanged => "noi-nhan",
            Self::TrialWritten => "gui-thu",
            Self::BulletinSaid => "phat-thong-bao",
            Self::BulletinLifted => "go-thong-bao",
            Self::BulletinAcknowledged => "xac-nhan-thong-bao",
            Self::RankingObjected => "gui-giai-trinh",
            Self::RoyaltyGraded => "cham-nhuan-but",
            Self::RoyaltiesApproved => "duyet-bang-ke",
            Self::RoyaltiesReopened => "bo-duyet-bang-ke",
            Self::RoyaltiesLocked => "khoa-bang-ke",
            Self::RoyaltyAdjusted => "dieu-chinh",
            Self::RankingMoved => "cham-diem",
            Self::SchemeAdded => "bo-chi-so",
            Self::ReorganisationEntered => "lap-sap-xep",
            Self::ReorganisationWithdrawn => "rut-sap-xep",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Saved => "Đã lưu.",
            Self::Submitted => "Đã gửi duyệt.",
            Self::SentBack => "Đã trả lại người viết.",
            Self::Proposed => "Đã trình duyệt.",
            Self::Approved => "Đã duyệt; bài chờ đăng.",
            Self::Scheduled => "Đã hẹn giờ; đến giờ bài tự đăng.",
            Self::Unscheduled => "Đã bỏ hẹn giờ; bài vẫn ở trạng thái đã duyệt.",
            Self::Archived => "Đã cất vào Lưu trữ.",
            Self::Restored => "Đã khôi phục; bản vừa rồi vẫn còn trong các phiên bản.",
            Self::Noted => "Đã ghi.",
            Self::ClockConfirmed => "Đã xác nhận giờ; bài đến hẹn được đăng ngay.",
            Self::PostChecked => {
                "Đã ghi kết quả hậu kiểm; đơn vị nhận được trong lần liên lạc tới."
            }
            Self::Unarchived => "Đã lấy khỏi Lưu trữ, thành bản nháp.",
            Self::Published => "Đã đăng.",
            Self::Withdrawn => "Đã gỡ bài.",
            Self::Accepted => "Đã nhận và đăng; đơn vị gửi được báo tin.",
            Self::Returned => "Đã trả lại; đơn vị gửi nhận được lý do.",
            Self::Skipped => "Đã bỏ qua.",
            Self::Taken => "Đã nhận được mục này; danh sách ở bên gửi cũng được gỡ.",
            Self::RefusedStill => "Vẫn bị từ chối; lý do ghi ở dưới.",
            Self::AskedAgain => "Đã ghi yêu cầu; bên gửi sẽ gửi lại trong lần liên lạc tới.",
            Self::NotReached => "Chưa lấy lại được từ bên gửi; hãy thử lại sau.",
            Self::SentAgain => "Đã xếp gửi lại; kết quả hiện ở đây khi bên nhận trả lời.",
            Self::SetAside => "Đã gác lại.",
            Self::Recalled => "Đã thu hồi; lệnh đang tới từng trang.",
            Self::RecallProposed => {
                "Đã đề nghị thu hồi. Bài còn hiện tới khi một người khác xác nhận."
            }
            Self::RecallDropped => "Đã bỏ đề nghị thu hồi.",
            Self::RecallLifted => "Đã rút lệnh thu hồi; đơn vị viết bài đang được báo.",
            Self::Kept => "Đã tải lên. Hãy bấm vào từng ảnh để ghi mô tả.",
            Self::Removed => "Đã xóa khỏi thư viện.",
            Self::ListChanged => "Đã sửa danh mục.",
            Self::FaceChanged => {
                "Đã áp dụng. Bấm “Xem trang” để xem; nút “Quay lại bản trước” ở cuối trang."
            }
            Self::AutoTakeChanged => "Đã ghi. Áp dụng cho bài gửi đến từ nay.",
            Self::LetPass => "Đã cho qua; lý do được ghi lại.",
            Self::SessionsEnded => "Đã đăng xuất.",
            Self::PasswordChanged => "Đã đổi mật khẩu; các nơi khác đã bị đăng xuất.",
            Self::Granted => "Đã giao vai trò; người này phải đăng nhập lại.",
            Self::SwitchedOff => "Đã tắt tài khoản.",
            Self::SwitchedOn => "Đã bật lại tài khoản.",
            Self::FactorReset => "Đã đặt lại xác thực hai lớp; lần đăng nhập sau đặt lại từ đầu.",
            Self::InvitationTakenBack => "Đã hủy lời mời.",
            Self::Answered => "Đã gửi tới người hỏi.",
            Self::PassedOn => "Đã chuyển; người gửi vẫn theo dõi được bằng mã cũ.",
            Self::MemberNoted => "Đã ghi; áp dụng ngay.",
            Self::MemberSuspended => {
                "Đã tạm dừng. Không mất gì: tin chờ sẽ đi tiếp khi cho chạy lại."
            }
            Self::MemberResumed => "Đã cho chạy lại; phần còn chờ đang được gửi.",
            Self::MemberClosed => "Đã đóng. Bài đã đăng vẫn còn; mời lại ở cuối trang này.",
            Self::MemberLookedAt => {
                "Đã xem lại. Chưa thấy kết quả mới thì tải lại trang sau nửa phút."
            }
            Self::MemberExamined => {
                "Đã khám. Chưa thấy kết quả mới thì tải lại trang sau nửa phút."
            }
            Self::VaultQuotaSet => "Đã đặt hạn mức; áp dụng ngay.",
            Self::RouteSaved => "Đã lưu tuyến; áp dụng cho tin từ lúc này.",
            Self::RouteRemoved => "Đã xóa tuyến; tin đã gửi vẫn ở nơi nhận.",
            Self::AlertsKnown => "Đã ghi là đã biết; những người nhận sau không bị báo nữa.",
            Self::RecipientsChanged => "Đã ghi; áp dụng cho cảnh báo từ lúc này.",
            Self::RankingMoved => "Đã ghi vào kỳ chấm điểm.",
            Self::SchemeAdded => "Đã nạp bộ chỉ số; kỳ mở từ nay dùng bộ này, kỳ cũ giữ bộ cũ.",
            Self::TrialWritten => "Đang gửi thư thử; kết quả hiện ở đây sau vài giây.",
            Self::BulletinSaid => {
                "Đã phát; thông báo đang tới từng trang. Bảng dưới đây tự cập nhật."
            }
            Self::BulletinLifted => "Đã gỡ; lệnh gỡ đang tới từng trang.",
            Self::BulletinAcknowledged => "Đã xác nhận; tỉnh nhận được trong vài giây.",
            Self::RankingObjected => {
                "Đã gửi; tỉnh nhận được trong vài giây, trả lời hiện ở trang này."
            }
            Self::RoyaltyGraded => "Đã ghi; còn sửa được đến khi khóa bảng kê của tháng.",
            Self::RoyaltiesApproved => "Đã duyệt bảng kê. Khóa lại khi chi trả.",
            Self::RoyaltiesReopened => "Đã bỏ duyệt; bảng kê lại tính theo hiện trạng.",
            Self::RoyaltiesLocked => "Đã khóa bảng kê; từ nay tải về được và không đổi nữa.",
            Self::RoyaltyAdjusted => "Đã ghi; áp dụng cho bảng kê này.",
            Self::ReorganisationEntered => "Đã ghi đúng như đã xem.",
            Self::ReorganisationWithdrawn => "Đã rút; không có gì được thực hiện.",
        }
    }

    /// Leads on to `path`, which tells what was done.
    pub fn then(self, path: &str) -> Response {
        Redirect::to(&self.path(path)).into_response()
    }

    /// `path`, telling what was done.
    pub fn path(self, path: &str) -> String {
        format!("{path}?xong={}", self.code())
    }
}

impl Done {
    /// The same with what `path` is asked besides.
    pub fn then_with(self, path: &str, query: &[(&str, &str)]) -> Response {
        let done = ("xong", self.code());
        let query = query.iter().copied().chain(std::iter::once(done));
        Redirect::to(&address(path, query)).into_response()
    }
}

fn done_just_now(path: &str) -> Option<Flash> {
    let (_, query) = path.split_once('?')?;
    let (_, code) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "xong")?;
    let done = Done::ALL.into_iter().find(|done| done.code() == code)?;
    Some(Flash {
        tone: Tone::Good,
        text: done.words().to_owned(),
    })
}

/// The way through a list of `total` at `path`, whose query goes on as it is but for the page.
pub fn pagination(path: &str, query: &[(&str, &str)], current: u32, total: u64) -> Pagination {
    let last = u32::try_from(total.div_ceil(PAGE)).unwrap_or(u32::MAX);
    Pagination::new(current, last, |number| {
        let number = number.to_string();
        let page = [("trang", number.as_str())];
        let own = query.iter().filter(|(_, value)| !value.is_empty());
        address(path, own.chain(page.iter()).copied())
    })
}

/// `path` with `query`.
pub fn address<'a>(path: &str, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// Where page `number` of a list begins.
pub fn offset(number: u32) -> u64 {
    u64::from(number.max(1) - 1) * PAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_told_in_our_words_alone() {
        for done in Done::ALL {
            let told = done_just_now(&format!("/quan-tri?trang=2&xong={}", done.code()));
            assert_eq!(told.map(|told| told.text).as_deref(), Some(done.words()));
        }
        for other in ["/quan-tri", "/quan-tri?xong=<script>", "/quan-tri?x=dang"] {
            assert!(done_just_now(other).is_none(), "{other}");
        }
    }

    #[test]
    fn the_way_through_a_list_keeps_what_was_asked() {
        let query = [("trang-thai", "writing"), ("q", "cà phê"), ("x", "")];
        let way = pagination("/quan-tri/bai-viet", &query, 1, 21);
        let next = "/quan-tri/bai-viet?trang-thai=writing&q=c%C3%A0+ph%C3%AA&trang=2";
        assert_eq!(way.next.as_deref(), Some(next));
        assert_eq!((offset(0), offset(1), offset(3)), (0, 0, 40));
    }
}
