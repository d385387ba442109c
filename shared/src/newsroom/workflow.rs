//! The way of a draft to the public, as a state machine: what may be done in which state, by whom, and
//! what comes of it. Pure: everything it depends on is handed in.
//!
//! ```text
//! draft → submitted → in_edit ⇄ returned → pending_approval → approved → (scheduled) → published
//! published → corrected | unpublished → archived; the province may recall what is published
//! ```

use crate::error::Error;

/// Where a draft is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Being written.
    Draft,
    /// Handed in.
    Submitted,
    /// Somebody other than its author works on it.
    InEdit,
    /// Sent back with a note.
    Returned,
    /// Looked through, and put before whoever approves.
    PendingApproval,
    /// May be published as it is.
    Approved,
    /// Approved, and published by itself at its time.
    Scheduled,
    /// What the public reads.
    Published,
    /// What the public reads, and is told what was mended.
    Corrected,
    /// Was public and was taken back by its own unit.
    Unpublished,
    /// Was public, and the province took it back everywhere.
    Recalled,
    /// Put away.
    Archived,
}

/// What can be done with a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Its text is changed.
    Save,
    /// It is handed in.
    Submit,
    /// It goes back to its author.
    Return,
    /// Whoever looked it through puts it before an approver.
    Propose,
    /// It may be published as it is.
    Approve,
    /// It is to be published at a time; or at another.
    Schedule,
    /// It is not to be published by itself.
    Unschedule,
    /// It becomes what the public reads.
    Publish,
    /// The same, and readers are told what was mended.
    Correct,
    /// It is taken back from the public.
    Unpublish,
    /// The province takes it back.
    Recall,
    /// The province takes that back: what was recalled is published again as it was approved.
    Reinstate,
    /// It is put away.
    Archive,
    /// It is taken out again.
    Unarchive,
}

/// What is to be known of whoever acts, and of the draft besides its state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// Began it, or handed it in: it is their own text.
    pub is_own: bool,
    /// What their roles let them do with it.
    pub powers: Powers,
    /// A revision of it is public now.
    pub is_public: bool,
}

/// What roles let somebody do with a draft of a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    /// Work on what others wrote.
    pub edits: bool,
    /// Send a draft back.
    pub returns: bool,
    /// Put a draft before whoever approves.
    pub proposes: bool,
    /// Approve, and publish for the first time.
    pub approves: bool,
    /// Publish a revision of what is public.
    pub corrects: bool,
    /// Decide when what is approved appears.
    pub schedules: bool,
    /// Take back what is published.
    pub withdraws: bool,
}

impl Powers {
    /// All of them.
    pub const ALL: Self = Self {
        edits: true,
        returns: true,
        proposes: true,
        approves: true,
        corrects: true,
        schedules: true,
        withdraws: true,
    };
}

impl Who {
    /// Somebody who begins a draft.
    pub fn writing(person: &super::moves::Person) -> Self {
        Self {
            is_own: true,
            powers: person.powers,
            is_public: false,
        }
    }
}

/// What holds on this site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// There is nobody else who could approve: who writes may approve it, and the province looks at it
    /// afterwards.
    pub self_approval: bool,
}

impl Rules {
    /// The rules of a site where so many people write.
    pub fn of(people: usize) -> Self {
        Self {
            self_approval: people < 2,
        }
    }
}

/// Why something may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Their role does not let them.
    NoRight,
    /// It is their own text.
    OwnText,
    /// Nobody has handed it in.
    NotHandedIn,
    /// It was handed in before.
    AlreadyHandedIn,
    /// It is public as it is.
    AlreadyPublic,
    /// It is not approved.
    NotApproved,
    /// It is approved as it is.
    AlreadyApproved,
    /// It does not wait for anybody.
    NotWaiting,
    /// It is not public.
    NotPublic,
    /// No time is set.
    NotScheduled,
    /// It is put away.
    PutAway,
    /// It is not put away.
    NotPutAway,
    /// It is on its way or public, and cannot be put away.
    UnderWay,
    /// Nobody recalled it, or it was changed since.
    NotRecalled,
}

impl Refusal {
    /// What whoever tried is told, and what to do instead.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoRight => "Bạn không có quyền làm việc này.",
            Self::OwnText => {
                "Bài của bạn phải do người khác duyệt. Hãy gửi duyệt, hoặc nhờ quản trị viên cấp quyền duyệt cho một người nữa."
            }
            Self::NotHandedIn => "Bài chưa được gửi duyệt. Hãy bấm “Gửi duyệt” trước.",
            Self::AlreadyHandedIn => "Bài đã được gửi duyệt rồi.",
            Self::AlreadyPublic => "Bài đã được đăng. Hãy sửa và lưu bài trước.",
            Self::NotApproved => "Bài chưa được duyệt nên chưa đăng được.",
            Self::AlreadyApproved => "Bài đã được duyệt rồi.",
            Self::NotWaiting => "Chỉ trả lại được bài đang chờ duyệt hoặc chờ đăng.",
            Self::NotPublic => "Bài này không còn trên trang.",
            Self::NotScheduled => "Bài này không hẹn giờ đăng.",
            Self::PutAway => "Bài đang ở mục Lưu trữ. Hãy lấy ra trước.",
            Self::NotPutAway => "Bài không ở mục Lưu trữ.",
            Self::NotRecalled => "Bài không còn ở trạng thái bị thu hồi.",
            Self::UnderWay => "Bài đang trên trang hoặc đang chờ duyệt, chưa cất vào Lưu trữ được.",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoRight => Self::Forbidden,
            other => Self::Conflict(other.words().to_owned()),
        }
    }
}

/// What `act` makes of a draft in `state`.
pub fn step(state: State, act: Act, who: &Who, rules: &Rules) -> Result<State, Refusal> {
    use State::*;
    has_right(act, who)?;
    if state == Archived && !matches!(act, Act::Unarchive | Act::Recall) {
        return Err(Refusal::PutAway);
    }
    match act {
        Act::Save => Ok(match state {
            Submitted if !who.is_own => InEdit,
            Draft | Submitted | InEdit | Returned => state,
            // Who is to approve it may mend it; anybody else's change is to be looked through again.
            PendingApproval if who.powers.approves && !who.is_own => state,
            PendingApproval | Approved | Scheduled => InEdit,
            Published | Corrected | Unpublished | Recalled | Archived => Draft,
        }),
        Act::Submit => match state {
            Draft | Returned | InEdit | Unpublished | Recalled | Archived => Ok(Submitted),
            Submitted | PendingApproval => Err(Refusal::AlreadyHandedIn),
            Approved | Scheduled => Err(Refusal::AlreadyApproved),
            Published | Corrected => Err(Refusal::AlreadyPublic),
        },
        Act::Return => match state {
            Submitted | InEdit | PendingApproval | Approved | Scheduled => Ok(Returned),
            _ => Err(Refusal::NotWaiting),
        },
        Act::Propose => match state {
            Submitted | InEdit => Ok(PendingApproval),
            PendingApproval => Err(Refusal::AlreadyHandedIn),
            Approved | Scheduled => Err(Refusal::AlreadyApproved),
            Published | Corrected => Err(Refusal::AlreadyPublic),
            Draft | Returned | Unpublished | Recalled | Archived => Err(Refusal::NotHandedIn),
        },
        Act::Approve => match state {
            Submitted | InEdit | PendingApproval if who.is_own && !rules.self_approval => {
                Err(Refusal::OwnText)
            }
            Submitted | InEdit | PendingApproval => Ok(Approved),
            Draft | Returned | Unpublished | Recalled | Archived if rules.self_approval => {
                Ok(Approved)
            }
            Draft | Returned | Unpublished | Recalled | Archived if who.is_own => {
                Err(Refusal::OwnText)
            }
            Draft | Returned | Unpublished | Recalled | Archived => Err(Refusal::NotHandedIn),
            Approved | Scheduled => Err(Refusal::AlreadyApproved),
            Published | Corrected => Err(Refusal::AlreadyPublic),
        },
        Act::Schedule => match state {
            Approved | Scheduled => Ok(Scheduled),
            _ => Err(Refusal::NotApproved),
        },
        Act::Unschedule => match state {
            Scheduled => Ok(Approved),
            _ => Err(Refusal::NotScheduled),
        },
        Act::Publish | Act::Correct => match state {
            Approved | Scheduled if act == Act::Correct => Ok(Corrected),
            Approved | Scheduled => Ok(Published),
            Published | Corrected => Err(Refusal::AlreadyPublic),
            _ => Err(Refusal::NotApproved),
        },
        Act::Unpublish => match state {
            _ if who.is_public => Ok(Unpublished),
            _ => Err(Refusal::NotPublic),
        },
        // Work on a next revision goes on; only what stood as published no longer does.
        Act::Recall => Ok(match state {
            Published | Corrected => Recalled,
            other => other,
        }),
        // Whatever was changed since is a text nobody approved.
        Act::Reinstate => match state {
            Recalled => Ok(Scheduled),
            _ => Err(Refusal::NotRecalled),
        },
        Act::Archive => match state {
            _ if who.is_public => Err(Refusal::UnderWay),
            Draft | Returned | Unpublished | Recalled => Ok(Archived),
            _ => Err(Refusal::UnderWay),
        },
        Act::Unarchive => match state {
            Archived => Ok(Draft),
            _ => Err(Refusal::NotPutAway),
        },
    }
}

/// Whether the role lets them. Whose text it is and how far it is, [`step`] judges.
fn has_right(act: Act, who: &Who) -> Result<(), Refusal> {
    let powers = &who.powers;
    let may = match act {
        Act::Save | Act::Submit | Act::Archive | Act::Unarchive => who.is_own || powers.edits,
        Act::Return => powers.returns,
        Act::Propose => powers.proposes,
        Act::Approve | Act::Publish => powers.approves,
        Act::Correct => powers.corrects,
        Act::Schedule | Act::Unschedule => powers.schedules,
        Act::Unpublish => powers.withdraws,
        Act::Recall | Act::Reinstate => true,
    };
    if may { Ok(()) } else { Err(Refusal::NoRight) }
}

/// Whether an approval in `state` is one of their own text, which another unit has to look at
/// afterwards.
pub fn is_self_approval(state: State, who: &Who) -> bool {
    let was_handed_in = matches!(
        state,
        State::Submitted | State::InEdit | State::PendingApproval
    );
    who.is_own || !was_handed_in
}

/// What people may do with a draft now, the main thing first.
pub fn offers(state: State, who: &Who, rules: &Rules) -> Vec<Act> {
    use Act::*;
    let order: &[Act] = match state {
        State::Draft | State::Returned | State::Unpublished | State::Recalled => {
            &[Approve, Submit, Save, Archive]
        }
        State::Submitted | State::InEdit | State::PendingApproval => {
            &[Approve, Propose, Submit, Save, Return]
        }
        State::Approved => &[Publish, Schedule, Save, Return],
        State::Scheduled => &[Schedule, Publish, Unschedule, Save, Return],
        State::Published | State::Corrected => &[Approve, Submit, Save],
        State::Archived => &[Unarchive],
    };
    // What is public is changed before anything else is done with it.
    let begins = match state {
        State::Published | State::Corrected => State::Draft,
        other => other,
    };
    let mut acts: Vec<Act> = order
        .iter()
        .copied()
        .filter(|act| step(begins, *act, who, rules).is_ok())
        .collect();
    if acts.contains(&Approve) {
        acts.retain(|act| !matches!(act, Submit | Propose));
    }
    // Who edits puts it before an approver; handing it in again is for its author.
    if acts.contains(&Propose) {
        acts.retain(|act| *act != Submit);
    }
    acts
}

impl State {
    /// All states, in the order lists offer them.
    pub const ALL: [Self; 12] = [
        Self::Draft,
        Self::Submitted,
        Self::InEdit,
        Self::Returned,
        Self::PendingApproval,
        Self::Approved,
        Self::Scheduled,
        Self::Published,
        Self::Corrected,
        Self::Unpublished,
        Self::Recalled,
        Self::Archived,
    ];
    /// Those in which a text waits for somebody who approves.
    pub const WAITING: [Self; 3] = [Self::Submitted, Self::InEdit, Self::PendingApproval];

    /// Its name in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::InEdit => "in_edit",
            Self::Returned => "returned",
            Self::PendingApproval => "pending_approval",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Corrected => "corrected",
            Self::Unpublished => "unpublished",
            Self::Recalled => "recalled",
            Self::Archived => "archived",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Nháp",
            Self::Submitted => "Chờ duyệt",
            Self::InEdit => "Đang biên tập",
            Self::Returned => "Cần sửa",
            Self::PendingApproval => "Trình duyệt",
            Self::Approved => "Đã duyệt",
            Self::Scheduled => "Hẹn giờ",
            Self::Published => "Đã đăng",
            Self::Corrected => "Đã đính chính",
            Self::Unpublished => "Đã gỡ",
            Self::Recalled => "Bị thu hồi",
            Self::Archived => "Lưu trữ",
        }
    }

    /// Whether an approval holds in it.
    pub fn is_approved(self) -> bool {
        matches!(
            self,
            Self::Approved | Self::Scheduled | Self::Published | Self::Corrected
        )
    }

    /// Whether its text is what the public reads.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Corrected)
    }
}

impl Act {
    /// All acts.
    pub const ALL: [Self; 14] = [
        Self::Save,
        Self::Submit,
        Self::Return,
        Self::Propose,
        Self::Approve,
        Self::Schedule,
        Self::Unschedule,
        Self::Publish,
        Self::Correct,
        Self::Unpublish,
        Self::Recall,
        Self::Reinstate,
        Self::Archive,
        Self::Unarchive,
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Propose => "propose",
            Self::Approve => "approve",
            Self::Schedule => "schedule",
            Self::Unschedule => "unschedule",
            Self::Publish => "publish",
            Self::Correct => "correct",
            Self::Unpublish => "unpublish",
            Self::Recall => "recall",
            Self::Reinstate => "reinstate",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
        }
    }

    /// The act of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == name)
    }

    /// What the history says was done.
    pub fn done(self) -> &'static str {
        match self {
            Self::Save => "Lưu",
            Self::Submit => "Gửi duyệt",
            Self::Return => "Trả lại",
            Self::Propose => "Trình duyệt",
            Self::Approve => "Duyệt",
            Self::Schedule => "Hẹn giờ đăng",
            Self::Unschedule => "Bỏ hẹn giờ",
            Self::Publish => "Đăng",
            Self::Correct => "Đăng đính chính",
            Self::Unpublish => "Gỡ bài",
            Self::Recall => "Tỉnh thu hồi",
            Self::Reinstate => "Tỉnh rút lệnh thu hồi",
            Self::Archive => "Cất vào Lưu trữ",
            Self::Unarchive => "Lấy khỏi Lưu trữ",
        }
    }
}

#[cfg(test)]
mod tests;
