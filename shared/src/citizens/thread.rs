//! What is said about a case, by whom, and how the case stands by it. Nothing here asks a database or a clock.
//!
//! Messages of one case are written at several sites and come in any order, each perhaps twice. Each bears a
//! number, one more than the highest its writer had seen, and an id: by both all sites order them alike, and so
//! all agree how the case stands. No clock decides anything.

use super::sealed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Somebody asks, reports or tells; the first of every case.
    Asked,
    /// Who asked says more.
    Added,
    /// The office says how far it is, and that it takes longer.
    Progress,
    /// The office needs to know something more.
    AskedBack,
    /// The office answers.
    Answered,
    /// The office says that this is nobody's to answer here, and why.
    Declined,
    /// It is another unit's to answer.
    PassedOn,
    /// Who asked says whether the answer is enough; it changes nothing of how the case stands.
    Rated,
}

impl Act {
    const ALL: [(Self, &str); 8] = [
        (Self::Asked, "asked"),
        (Self::Added, "added"),
        (Self::Progress, "progress"),
        (Self::AskedBack, "asked_back"),
        (Self::Answered, "answered"),
        (Self::Declined, "declined"),
        (Self::PassedOn, "passed_on"),
        (Self::Rated, "rated"),
    ];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(act, _)| *act == self)
            .map_or("", |(_, name)| name)
    }

    /// The act of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, other)| *other == name);
        found.map(|(act, _)| *act)
    }

    /// Whether who asked does it, and not an office.
    pub fn is_of_asker(self) -> bool {
        matches!(self, Self::Asked | Self::Added | Self::Rated)
    }
}

/// Whether an answer is enough, as who asked says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Hài lòng.
    Satisfied,
    /// Bình thường.
    Neutral,
    /// Không hài lòng.
    Dissatisfied,
}

impl Rating {
    /// All of them, the best first.
    pub const ALL: [Self; 3] = [Self::Satisfied, Self::Neutral, Self::Dissatisfied];

    /// Its name in the database, in forms and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Neutral => "neutral",
            Self::Dissatisfied => "dissatisfied",
        }
    }

    /// The rating of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.as_str() == name)
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Satisfied => "Hài lòng",
            Self::Neutral => "Bình thường",
            Self::Dissatisfied => "Không hài lòng",
        }
    }
}

/// A message as it is kept and as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id, minted where it was written.
    pub id: Uuid,
    /// One more than the highest its writer had seen.
    pub number: i64,
    /// The unit at whose site it was written.
    pub unit: Uuid,
    /// What it does.
    pub act: Act,
    /// What it says; empty if that is sealed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// What it says, for one key alone.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_base64")]
    pub sealed: Option<Vec<u8>>,
    /// Whose it is to answer now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Uuid>,
    /// Whether the answer is enough; only where the message says that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// When, by the clock of its site; for show and for deadlines. Milliseconds.
    pub at: i64,
    /// Pictures that go with it, JPEG.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
}

/// A picture that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// JPEG.
    #[serde(with = "bytes_as_base64")]
    pub bytes: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// How a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nobody has said anything yet.
    Waiting,
    /// The office is at it.
    InHand,
    /// Who asked has to add something.
    NeedsMore,
    /// Answered.
    Answered,
    /// Not to be answered here.
    Declined,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::InHand,
        Self::NeedsMore,
        Self::Answered,
        Self::Declined,
    ];
    /// Those in which an answer is owed.
    pub const OPEN: [Self; 3] = [Self::Waiting, Self::InHand, Self::NeedsMore];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InHand => "in_hand",
            Self::NeedsMore => "needs_more",
            Self::Answered => "answered",
            Self::Declined => "declined",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Đã nhận, chờ xem",
            Self::InHand => "Đang giải quyết",
            Self::NeedsMore => "Chờ bổ sung",
            Self::Answered => "Đã trả lời",
            Self::Declined => "Không thuộc thẩm quyền",
        }
    }

    /// Whether an answer is owed.
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

/// How a case stands, and who has to see to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// State.
    pub state: State,
    /// The unit that is to answer.
    pub holder: Uuid,
}

/// `messages` in the order that all sites agree upon, each once.
pub fn in_order(messages: impl IntoIterator<Item = Message>) -> Vec<Message> {
    let by_place: BTreeMap<(i64, Uuid), Message> = messages
        .into_iter()
        .map(|message| ((message.number, message.id), message))
        .collect();
    by_place.into_values().collect()
}

/// How a case stands by what was said, which is in order and begins with the question; none without one.
pub fn standing(thread: &[Message]) -> Option<Standing> {
    let first = thread
        .iter()
        .find(|message| message.act == Act::Asked)
        .and_then(|message| message.to)?;
    let mut standing = Standing {
        state: State::Waiting,
        holder: first,
    };
    for message in thread {
        standing = after(standing, message);
    }
    Some(standing)
}

fn after(standing: Standing, message: &Message) -> Standing {
    let state = match message.act {
        Act::Asked | Act::Rated => standing.state,
        Act::Added if standing.state == State::Waiting => State::Waiting,
        Act::Added | Act::Progress => State::InHand,
        Act::AskedBack => State::NeedsMore,
        Act::Answered => State::Answered,
        Act::Declined => State::Declined,
        Act::PassedOn => State::Waiting,
    };
    let holder = match (message.act, message.to) {
        (Act::PassedOn, Some(to)) => to,
        _ => standing.holder,
    };
    Standing { state, holder }
}

/// What who asked says of the latest answer: the last word counts, and a new answer is asked about anew.
pub fn satisfaction(thread: &[Message]) -> Option<Rating> {
    let of_answer = |message: &&Message| matches!(message.act, Act::Answered | Act::Rated);
    let last = thread.iter().rev().find(of_answer)?;
    // Where no answer came before it there is nothing to be content with.
    let is_answered = thread.iter().any(|message| message.act == Act::Answered);
    last.rating.filter(|_| is_answered)
}

/// The number of the next message.
pub fn next_number(thread: &[Message]) -> i64 {
    thread
        .iter()
        .map(|message| message.number)
        .max()
        .unwrap_or(0)
        + 1
}

/// Whether `unit` may have said `message` of a case asked at `origin` that stood at `standing` before: who
/// asked speaks at the site of asking, an office while the case is its own.
pub fn may_say(message: &Message, unit: Uuid, origin: Uuid, standing: Option<Standing>) -> bool {
    if message.unit != unit {
        return false;
    }
    match (message.act, standing) {
        (Act::Asked, None) => unit == origin && message.to.is_some(),
        (Act::Added, Some(_)) => unit == origin,
        // How the case stood does not matter: an office may say something at the same moment, and the sites
        // would disagree about what counts.
        (Act::Rated, Some(_)) => unit == origin && message.rating.is_some(),
        (Act::Asked | Act::Added | Act::Rated, _) | (_, None) => false,
        (Act::PassedOn, Some(before)) => before.holder == unit && message.to.is_some(),
        (_, Some(before)) => before.holder == unit,
    }
}

/// What `told` adds to `known`, as far as `unit` may say it: messages known already, and those that are not
/// its own to say, are left out.
pub fn news(known: &[Message], told: Vec<Message>, unit: Uuid, origin: Uuid) -> Vec<Message> {
    let mut thread = known.to_vec();
    let mut news = Vec::new();
    for message in in_order(told) {
        if thread.iter().any(|other| other.id == message.id) {
            continue;
        }
        let before: Vec<Message> = thread
            .iter()
            .filter(|other| (other.number, other.id) < (message.number, message.id))
            .cloned()
            .collect();
        if may_say(&message, unit, origin, standing(&before)) {
            thread = in_order(thread.into_iter().chain([message.clone()]));
            news.push(message);
        }
    }
    news
}

/// The longest words of a message, in characters.
pub const LONGEST_WORDS: usize = 4_000;
/// Most pictures with a message.
pub const MOST_PICTURES: usize = 3;
/// The largest picture, in bytes.
pub const LARGEST_PICTURE: usize = 300 * 1024;
/// The longest sealed words, in bytes.
pub const LONGEST_SEALED: usize = 32 * 1024;

impl Message {
    /// What of it is beyond every bound, if anything is: such a message nobody here wrote.
    pub fn flaw(&self) -> Option<&'static str> {
        if !(1..=1_000_000).contains(&self.number) {
            return Some("number");
        }
        if self.words.chars().count() > LONGEST_WORDS || self.words.contains('\0') {
            return Some("words");
        }
        if self
            .sealed
            .as_ref()
            .is_some_and(|sealed| sealed.len() > LONGEST_SEALED)
        {
            return Some("sealed");
        }
        if self.rating.is_some() != (self.act == Act::Rated) {
            return Some("rating");
        }
        let too_large = |picture: &Picture| picture.bytes.len() > LARGEST_PICTURE;
        if self.pictures.len() > MOST_PICTURES || self.pictures.iter().any(too_large) {
            return Some("pictures");
        }
        None
    }

    /// What it says, opened with `keys` where it is sealed to them.
    pub fn opened(&self, case: Uuid, keys: &sealed::KeyPair) -> Option<String> {
        let sealed = self.sealed.as_ref()?;
        keys.open(case, self.id, sealed).ok()
    }
}

mod bytes_as_base64 {
    use super::{Engine, STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}

mod as_base64 {
    use super::bytes_as_base64;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => bytes_as_base64::serialize(bytes, to),
            None => to.serialize_none(),
        }
    }

    #[derive(Deserialize)]
    struct Bytes(#[serde(with = "bytes_as_base64")] Vec<u8>);

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Bytes>::deserialize(from)?.map(|Bytes(bytes)| bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Act::{Added, Answered, Asked, AskedBack, Declined, PassedOn, Progress, Rated};

    const COMMUNE: Uuid = Uuid::from_u128(1);
    const OFFICE: Uuid = Uuid::from_u128(2);
    const OTHER: Uuid = Uuid::from_u128(3);

    fn said(number: i64, unit: Uuid, act: Act, to: Option<Uuid>) -> Message {
        Message {
            id: Uuid::from_u128(100 + u128::from(number.unsigned_abs())),
            number,
            unit,
            act,
            words: format!("lời {number}"),
            sealed: None,
            to,
            rating: None,
            at: 0,
            pictures: Vec::new(),
        }
    }

    fn rated(number: i64, rating: Rating) -> Message {
        Message {
            rating: Some(rating),
            ..said(number, COMMUNE, Rated, None)
        }
    }

    fn asked() -> Message {
        said(1, COMMUNE, Asked, Some(OFFICE))
    }

    #[test]
    fn a_case_stands_as_what_was_said_last_makes_it() {
        for (then, state, holder) in [
            (vec![], State::Waiting, OFFICE),
            (vec![said(2, COMMUNE, Added, None)], State::Waiting, OFFICE),
            (vec![said(2, OFFICE, Progress, None)], State::InHand, OFFICE),
            (
                vec![said(2, OFFICE, AskedBack, None)],
                State::NeedsMore,
                OFFICE,
            ),
            (
                vec![
                    said(2, OFFICE, AskedBack, None),
                    said(3, COMMUNE, Added, None),
                ],
                State::InHand,
                OFFICE,
            ),
            (
                vec![
                    said(2, OFFICE, Answered, None),
                    said(3, COMMUNE, Added, None),
                ],
                State::InHand,
                OFFICE,
            ),
            (
                vec![said(2, OFFICE, PassedOn, Some(OTHER))],
                State::Waiting,
                OTHER,
            ),
            (
                vec![said(2, OFFICE, Declined, None)],
                State::Declined,
                OFFICE,
            ),
        ] {
            let thread = in_order(std::iter::once(asked()).chain(then));
            let expected = Some(Standing { state, holder });
            assert_eq!(standing(&thread), expected, "{thread:?}");
        }
        assert_eq!(standing(&[]), None);
    }

    #[test]
    fn of_an_answer_the_last_word_counts_and_a_new_answer_is_asked_about_anew() {
        let (answered, again) = (
            said(2, OFFICE, Answered, None),
            said(5, OFFICE, Answered, None),
        );
        let pleased = rated(3, Rating::Satisfied);
        let changed = rated(4, Rating::Dissatisfied);
        let more = said(4, COMMUNE, Added, None);
        for (then, state, expected) in [
            (vec![answered.clone()], State::Answered, None),
            (
                vec![answered.clone(), pleased.clone()],
                State::Answered,
                Some(Rating::Satisfied),
            ),
            (
                vec![answered.clone(), pleased.clone(), changed],
                State::Answered,
                Some(Rating::Dissatisfied),
            ),
            (
                vec![answered.clone(), pleased.clone(), more],
                State::InHand,
                Some(Rating::Satisfied),
            ),
            (
                vec![answered, pleased.clone(), again],
                State::Answered,
                None,
            ),
            (vec![pleased], State::Waiting, None),
        ] {
            let thread = in_order(std::iter::once(asked()).chain(then));
            assert_eq!(satisfaction(&thread), expected, "{thread:?}");
            let stands = standing(&thread).map(|standing| standing.state);
            assert_eq!(stands, Some(state), "{thread:?}");
        }
    }

    #[test]
    fn whatever_order_messages_come_in_and_however_often_all_agree() {
        let all = [
            asked(),
            said(2, OFFICE, PassedOn, Some(OTHER)),
            said(3, OTHER, AskedBack, None),
            said(4, COMMUNE, Added, None),
        ];
        let expected = in_order(all.clone());
        for turn in 0..all.len() {
            let mut told = all.to_vec();
            told.rotate_left(turn);
            told.push(all[turn].clone());
            assert_eq!(in_order(told), expected);
        }
    }

    #[test]
    fn nobody_says_what_is_not_theirs_to_say() {
        let known = [asked()];
        for (message, by, counts) in [
            (said(2, OFFICE, Answered, None), OFFICE, true),
            (said(2, OTHER, Answered, None), OTHER, false),
            (said(2, OFFICE, Answered, None), OTHER, false),
            (said(2, COMMUNE, Answered, None), COMMUNE, false),
            (said(2, COMMUNE, Added, None), COMMUNE, true),
            (said(2, OFFICE, Added, None), OFFICE, false),
            (rated(2, Rating::Neutral), COMMUNE, true),
            (rated(2, Rating::Neutral), OFFICE, false),
            (said(2, COMMUNE, Rated, None), COMMUNE, false),
            (said(2, OFFICE, PassedOn, None), OFFICE, false),
            (said(2, OFFICE, PassedOn, Some(OTHER)), OFFICE, true),
            (said(2, COMMUNE, Asked, Some(OTHER)), COMMUNE, false),
            (asked(), COMMUNE, false),
        ] {
            let news = news(&known, vec![message.clone()], by, COMMUNE);
            assert_eq!(!news.is_empty(), counts, "{message:?} by {by}");
        }
        let first = news(&[], vec![asked()], COMMUNE, COMMUNE);
        assert_eq!(first, [asked()]);
        assert!(news(&[], vec![asked()], OTHER, COMMUNE).is_empty());
    }

    #[test]
    fn who_passed_a_case_on_has_no_more_to_say() {
        let known = [asked(), said(2, OFFICE, PassedOn, Some(OTHER))];
        let late = said(3, OFFICE, Answered, None);
        assert!(news(&known, vec![late], OFFICE, COMMUNE).is_empty());
        let answer = said(3, OTHER, Answered, None);
        assert_eq!(news(&known, vec![answer.clone()], OTHER, COMMUNE), [answer]);
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let message = Message {
            sealed: Some(vec![1, 2, 255]),
            pictures: vec![Picture {
                bytes: vec![0, 9],
                width: 3,
                height: 4,
            }],
            ..asked()
        };
        let text = serde_json::to_string(&message).expect("writes");
        assert_eq!(
            serde_json::from_str::<Message>(&text).expect("reads"),
            message
        );
        let plain = serde_json::to_string(&asked()).expect("writes");
        assert!(
            !plain.contains("sealed") && !plain.contains("rating"),
            "{plain}"
        );
        assert_eq!(
            serde_json::from_str::<Message>(&plain).expect("reads"),
            asked()
        );
    }
}
