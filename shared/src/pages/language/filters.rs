//! What templates call: `{{ "Tìm kiếm"|t }}`. In Vietnamese each gives back what it was given.

use super::{Language, english};
use crate::pages::view::Stamp;
use askama::Values;
use askama::filters::{Html, MaybeSafe, Safe, escape};
use std::borrow::Cow;

/// Words of the interface.
#[askama::filter_fn]
pub(crate) fn t<'a>(text: &'a str, values: &dyn Values) -> askama::Result<&'a str> {
    Ok(Language::of(values).word(text))
}

/// A sentence that code put together.
#[askama::filter_fn]
pub(crate) fn told<'a>(text: &'a str, values: &dyn Values) -> askama::Result<Cow<'a, str>> {
    Ok(Language::of(values).told(text))
}

/// What a sentence says before its first place. A sentence is one entry of the catalogue, whatever a template puts
/// into its places, which are written `{}`.
#[askama::filter_fn]
pub(crate) fn part1<'a>(sentence: &'a str, values: &dyn Values) -> askama::Result<&'a str> {
    Ok(part(sentence, 0, values))
}

/// What it says after its first place.
#[askama::filter_fn]
pub(crate) fn part2<'a>(sentence: &'a str, values: &dyn Values) -> askama::Result<&'a str> {
    Ok(part(sentence, 1, values))
}

/// What it says after its second place.
#[askama::filter_fn]
pub(crate) fn part3<'a>(sentence: &'a str, values: &dyn Values) -> askama::Result<&'a str> {
    Ok(part(sentence, 2, values))
}

/// What it says after its third place.
#[askama::filter_fn]
pub(crate) fn part4<'a>(sentence: &'a str, values: &dyn Values) -> askama::Result<&'a str> {
    Ok(part(sentence, 3, values))
}

fn part<'a>(sentence: &'a str, number: usize, values: &dyn Values) -> &'a str {
    let whole = Language::of(values).word(sentence);
    whole.split("{}").nth(number).unwrap_or_default()
}

/// A day or a moment.
#[askama::filter_fn]
pub(crate) fn when<'a>(stamp: &'a Stamp, values: &dyn Values) -> askama::Result<Cow<'a, str>> {
    let english = match Language::of(values) {
        Language::Vietnamese => None,
        Language::English => english::stamp(&stamp.iso, stamp.text.contains(':')),
    };
    Ok(english.map_or(Cow::Borrowed(stamp.text.as_str()), Cow::Owned))
}

/// A day with its weekday.
#[askama::filter_fn]
pub(crate) fn weekday<'a>(stamp: &'a Stamp, values: &dyn Values) -> askama::Result<Cow<'a, str>> {
    let day = match Language::of(values) {
        Language::Vietnamese => None,
        Language::English => english::day_of(&stamp.iso),
    };
    let english = day.map(english::long_date);
    Ok(english.map_or(Cow::Borrowed(stamp.text.as_str()), Cow::Owned))
}

/// A number or a size that is written the Vietnamese way.
#[askama::filter_fn]
pub(crate) fn num<'a>(text: &'a str, values: &dyn Values) -> askama::Result<Cow<'a, str>> {
    Ok(match Language::of(values) {
        Language::Vietnamese => Cow::Borrowed(text),
        Language::English => Cow::Owned(english::number(text)),
    })
}

/// The attribute for contents in the language `code`, where the interface speaks another; without a code they are
/// Vietnamese.
#[askama::filter_fn]
pub(crate) fn lang(code: &str, values: &dyn Values) -> askama::Result<Safe<String>> {
    let code = match code {
        "" => Language::Vietnamese.code(),
        other => other,
    };
    let is_code = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_other = code != Language::of(values).code();
    Ok(Safe(match is_code && is_other {
        true => format!(" lang=\"{code}\""),
        false => String::new(),
    }))
}

/// The attribute beside `t`, for names that the catalogue may know or not: a section may be one of the province's, or
/// one that a unit added.
#[askama::filter_fn]
pub(crate) fn lang_of(text: &str, values: &dyn Values) -> askama::Result<Safe<&'static str>> {
    Ok(Safe(match Language::of(values).speaks(text) {
        true => "",
        false => " lang=\"vi\"",
    }))
}

/// The same beside `told`.
#[askama::filter_fn]
pub(crate) fn lang_as_told(text: &str, values: &dyn Values) -> askama::Result<Safe<&'static str>> {
    let language = Language::of(values);
    Ok(Safe(match language.speaks(&language.told(text)) {
        true => "",
        false => " lang=\"vi\"",
    }))
}

/// What a unit or a reader wrote, in an element of its own where that has to bear its language. It is not looked up: an
/// appointment may be called like a section.
#[askama::filter_fn]
pub(crate) fn own<'a>(
    text: &'a str,
    values: &dyn Values,
) -> askama::Result<MaybeSafe<Cow<'a, str>>> {
    if Language::of(values) == Language::Vietnamese || text.is_ascii() {
        return Ok(MaybeSafe::NeedsEscaping(Cow::Borrowed(text)));
    }
    let escaped = escape(text, Html)?;
    let marked = format!("<span lang=\"vi\">{escaped}</span>");
    Ok(MaybeSafe::Safe(Cow::Owned(marked)))
}
