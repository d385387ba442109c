//! All that people typed of a draft, as one value: kept as a version, compared, restored, published.

use super::draft::{ActiveModel, Contents, Extra, Model};
use crate::entries::body::{self, Format};
use crate::error::Result;
use crate::log::Digest;
use sea_orm::Set;
use serde::{Deserialize, Serialize};

/// The words, fields and media of a draft at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Text {
    /// Kind by name.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: String,
    /// Body as typed.
    pub body: String,
    /// What it is written in: [`Format`] by name.
    pub body_format: String,
    /// Code of its section.
    pub section: String,
    /// BCP 47.
    pub language: String,
    /// Authors, separated by commas.
    pub authors: String,
    /// Where it was taken from, as JSON.
    pub source: Option<String>,
    /// What belongs to its kind, as JSON.
    pub fields: Option<String>,
    /// Digest of the lead picture.
    pub picture: Option<Digest>,
    /// What it shows.
    pub picture_alt: Option<String>,
    /// The line under it.
    pub picture_caption: Option<String>,
}

impl Text {
    /// What `draft` says now.
    pub fn of(draft: &Model) -> Self {
        Self {
            kind: draft.kind.clone(),
            title: draft.title.clone(),
            lead: draft.lead.clone(),
            body: draft.body.clone(),
            body_format: draft.body_format.clone(),
            section: draft.section.clone(),
            language: draft.language.clone(),
            authors: draft.authors.clone(),
            source: draft.source.clone(),
            fields: draft.fields.clone(),
            picture: draft.picture_digest(),
            picture_alt: draft.picture_alt.clone(),
            picture_caption: draft.picture_caption.clone(),
        }
    }

    /// What a form holds.
    pub fn of_contents(contents: Contents) -> Result<Self> {
        let Contents {
            input,
            picture,
            files,
        } = contents;
        let extra = Extra {
            files,
            ..input.extra
        };
        let source = input.source.as_ref().map(serde_json::to_string).transpose();
        let fields = serde_json::to_string(&extra).map_err(anyhow::Error::new)?;
        Ok(Self {
            kind: input.kind.as_str().to_owned(),
            title: input.title,
            lead: input.lead,
            body: input.body,
            body_format: input.body_format.as_str().to_owned(),
            section: input.section,
            language: input.language,
            authors: input.authors.join(", "),
            source: source.map_err(anyhow::Error::new)?,
            fields: Some(fields),
            picture,
            picture_alt: input.picture_alt,
            picture_caption: input.picture_caption,
        })
    }

    /// Its body as people read it, without markup that is not theirs.
    pub fn readable_body(&self) -> String {
        match Format::parse(&self.body_format) {
            Format::Markdown => self.body.clone(),
            Format::Html => lines(&self.body),
        }
    }

    /// Puts it into a row.
    pub fn write(self, change: &mut ActiveModel) {
        change.kind = Set(self.kind);
        change.title = Set(self.title);
        change.lead = Set(self.lead);
        change.body = Set(self.body);
        change.body_format = Set(self.body_format);
        change.section = Set(self.section);
        change.language = Set(self.language);
        change.authors = Set(self.authors);
        change.source = Set(self.source);
        change.fields = Set(self.fields);
        change.picture = Set(self.picture.map(|digest| digest.as_bytes().to_vec()));
        change.picture_alt = Set(self.picture_alt);
        change.picture_caption = Set(self.picture_caption);
    }

    /// As it is kept.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string(self).map_err(anyhow::Error::new)?)
    }

    /// Reads what was kept.
    pub fn from_json(json: &str) -> Result<Self> {
        Ok(serde_json::from_str(json).map_err(anyhow::Error::new)?)
    }
}

/// The words of clean markup, a line for every block: two versions are compared block by block.
fn lines(html: &str) -> String {
    const ENDS: [&str; 8] = [
        "</p>",
        "</h2>",
        "</h3>",
        "</h4>",
        "</li>",
        "</tr>",
        "</figcaption>",
        "<br>",
    ];
    let marked = ENDS
        .iter()
        .fold(html.to_owned(), |html, end| html.replace(end, "\u{2028}"));
    let blocks = marked.split('\u{2028}').map(body::plain_text);
    let said: Vec<String> = blocks.filter(|block| !block.is_empty()).collect();
    said.join("\n")
}
