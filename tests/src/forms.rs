//! Forms as a browser sees them: what a page offers, what a person fills in, what is sent.

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::RefCell;

/// A form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Its `data-element`.
    pub element: String,
    /// Where it is sent.
    pub action: String,
    is_multipart: bool,
    parts: Vec<(String, Part)>,
    buttons: Vec<(String, String)>,
    choices: Vec<Choice>,
}

/// One thing to choose in a list of a form.
#[derive(Clone, Debug)]
struct Choice {
    name: String,
    value: String,
    label: String,
}

/// The value of a field.
#[derive(Clone, Debug)]
pub enum Part {
    /// A text.
    Text(String),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// What it says it is.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// A link.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

const BOUNDARY: &str = "----lien-cong-0f2c7d1e";

impl Form {
    /// The first form in `html` that is `wanted`.
    pub fn find(html: &str, wanted: impl Fn(&Self) -> bool) -> Option<Self> {
        read(html).forms.into_iter().find(wanted)
    }

    /// Fills in a field.
    ///
    /// # Panics
    /// When the form has no such field.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.with_part(name, Part::Text(value.to_owned()))
    }

    /// Chooses a file.
    ///
    /// # Panics
    /// When the form has no such field.
    #[must_use]
    pub fn with_part(mut self, name: &str, value: Part) -> Self {
        let field = self.parts.iter_mut().find(|(field, _)| field == name);
        let Some((_, part)) = field else {
            let names: Vec<&str> = self.parts.iter().map(|(name, _)| name.as_str()).collect();
            panic!("the form has no field {name:?}, only {names:?}");
        };
        *part = value;
        self
    }

    /// Ticks a box the page leaves open.
    #[must_use]
    pub fn ticked(mut self, name: &str, value: &str) -> Self {
        self.parts
            .push((name.to_owned(), Part::Text(value.to_owned())));
        self
    }

    /// What a field holds.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.parts.iter().find_map(|(field, part)| match part {
            Part::Text(text) if field == name => Some(text.as_str()),
            Part::Text(_) | Part::File { .. } => None,
        })
    }

    /// The values of its buttons.
    pub fn buttons(&self) -> Vec<&str> {
        self.buttons
            .iter()
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// What field `name` sends once the choice whose label begins with `label` is made, if there is one.
    pub fn choice(&self, name: &str, label: &str) -> Option<&str> {
        self.choices
            .iter()
            .find(|choice| choice.name == name && choice.label.trim().starts_with(label))
            .map(|choice| choice.value.as_str())
    }

    pub(crate) fn pressed(mut self, button: &str) -> Self {
        let pressed = self.buttons.iter().find(|(_, value)| value == button);
        let (name, value) = pressed
            .cloned()
            .unwrap_or_else(|| panic!("no button {button:?}, only {:?}", self.buttons()));
        if !name.is_empty() {
            self.parts.push((name, Part::Text(value)));
        }
        self
    }

    /// The media type and the body it is sent as.
    pub(crate) fn encode(&self) -> (String, Vec<u8>) {
        if self.is_multipart {
            (
                format!("multipart/form-data; boundary={BOUNDARY}"),
                self.multipart(),
            )
        } else {
            let texts = self.parts.iter().filter_map(|(name, part)| match part {
                Part::Text(text) => Some((name, text)),
                Part::File { .. } => None,
            });
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(texts)
                .finish();
            (
                "application/x-www-form-urlencoded".to_owned(),
                body.into_bytes(),
            )
        }
    }

    fn multipart(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (field, part) in &self.parts {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"");
            body.extend(head.as_bytes());
            match part {
                Part::Text(text) => {
                    body.extend(b"\r\n\r\n");
                    body.extend(text.as_bytes());
                }
                Part::File {
                    name,
                    media_type,
                    bytes,
                } => {
                    let head =
                        format!("; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n");
                    body.extend(head.as_bytes());
                    body.extend(bytes);
                }
            }
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        body
    }

    /// A field's first value as the page gives it.
    fn add(&mut self, name: String, part: Part) {
        if !name.is_empty() {
            self.parts.push((name, part));
        }
    }
}

/// The links of a page.
pub fn links(html: &str) -> Vec<Link> {
    read(html).links
}

#[derive(Default)]
struct Read {
    forms: Vec<Form>,
    links: Vec<Link>,
    is_in_form: bool,
    textarea: Option<(String, String)>,
    select: Option<(String, Option<String>)>,
    choice: Option<Choice>,
    link: Option<Link>,
}

fn read(html: &str) -> Read {
    let sink = Sink::default();
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    // The sink never asks the tokenizer to stop for a script.
    let _finished = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[derive(Default)]
struct Sink(RefCell<Read>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut read = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => read.start(&tag),
            Token::TagToken(tag) => read.end(&tag.name),
            Token::CharacterTokens(text) => read.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| attribute.value.to_string())
}

impl Read {
    fn start(&mut self, tag: &Tag) {
        let get = |name| attribute(tag, name).unwrap_or_default();
        let is = |name| attribute(tag, name).is_some();
        match &*tag.name {
            "form" => {
                self.is_in_form = true;
                self.forms.push(Form {
                    element: get("data-element"),
                    action: get("action"),
                    is_multipart: get("enctype") == "multipart/form-data",
                    ..Form::default()
                });
            }
            "a" => {
                self.link = Some(Link {
                    text: String::new(),
                    href: get("href"),
                });
            }
            "textarea" => self.textarea = Some((get("name"), String::new())),
            "select" => self.select = Some((get("name"), None)),
            "option" => {
                if let Some((name, chosen)) = &mut self.select {
                    if chosen.is_none() || is("selected") {
                        *chosen = Some(get("value"));
                    }
                    self.choice = Some(Choice {
                        name: name.clone(),
                        value: get("value"),
                        label: String::new(),
                    });
                }
            }
            "input" => self.input(&get("type"), get("name"), get("value"), is("checked")),
            "button" => {
                let button = (get("name"), get("value"));
                if let Some(form) = self.form() {
                    form.buttons.push(button);
                }
            }
            _ => {}
        }
    }

    fn input(&mut self, kind: &str, name: String, value: String, is_checked: bool) {
        let Some(form) = self.form() else {
            return;
        };
        match kind {
            "checkbox" | "radio" if !is_checked => {}
            // What a browser sends when no file is chosen.
            "file" => form.add(
                name,
                Part::File {
                    name: String::new(),
                    media_type: "application/octet-stream".to_owned(),
                    bytes: Vec::new(),
                },
            ),
            _ => form.add(name, Part::Text(value)),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "form" => self.is_in_form = false,
            "a" => {
                if let Some(mut link) = self.link.take() {
                    link.text = link.text.split_whitespace().collect::<Vec<_>>().join(" ");
                    self.links.push(link);
                }
            }
            "textarea" => {
                if let (Some((name, text)), Some(form)) = (self.textarea.take(), self.form()) {
                    form.add(name, Part::Text(text));
                }
            }
            "option" => {
                if let (Some(choice), Some(form)) = (self.choice.take(), self.form()) {
                    form.choices.push(choice);
                }
            }
            "select" => {
                if let (Some((name, chosen)), Some(form)) = (self.select.take(), self.form()) {
                    form.add(name, Part::Text(chosen.unwrap_or_default()));
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, value)) = &mut self.textarea {
            value.push_str(text);
        } else if let Some(choice) = &mut self.choice {
            choice.label.push_str(text);
        } else if let Some(link) = &mut self.link {
            link.text.push_str(text);
        }
    }

    fn form(&mut self) -> Option<&mut Form> {
        self.forms.last_mut().filter(|_| self.is_in_form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"
        <p><a href="/quan-tri/hop-den"><svg></svg> Hộp đến </a></p>
        <form data-element="other" action="/x"><button>Tìm</button></form>
        <form method="post" action="/quan-tri/bai-viet" enctype="multipart/form-data" data-element="entry-form">
          <input type="hidden" name="csrf" value="a&amp;b">
          <textarea name="title">Ch&agrave;o
          bạn</textarea>
          <select name="section"><option value="one">1</option><option value="two" selected>2</option></select>
          <input type="checkbox" name="featured" value="1"><input type="checkbox" name="send_up" value="1" checked>
          <input type="file" name="picture">
          <button name="action" value="save">Lưu</button><button name="action" value="publish">Đăng</button>
        </form>"#;

    #[test]
    fn a_form_is_read_filled_in_and_sent_as_a_browser_would() {
        let form = Form::find(PAGE, |form| form.element == "entry-form").expect("a form");
        assert_eq!(form.value("csrf"), Some("a&b"));
        assert_eq!(form.value("section"), Some("two"));
        assert_eq!(form.choice("section", "1"), Some("one"));
        assert_eq!(form.choice("section", "3"), None);
        assert_eq!(form.value("send_up"), Some("1"));
        assert_eq!(form.value("featured"), None);
        assert_eq!(form.buttons(), ["save", "publish"]);

        let (media_type, body) = form.with("title", "Tin mới").pressed("publish").encode();
        assert!(media_type.starts_with("multipart/form-data"));
        let body = String::from_utf8(body).expect("text");
        assert!(body.contains("name=\"title\"\r\n\r\nTin mới\r\n"), "{body}");
        assert!(
            body.contains("name=\"action\"\r\n\r\npublish\r\n"),
            "{body}"
        );
        assert!(body.contains("name=\"picture\"; filename=\"\""), "{body}");
    }

    #[test]
    fn links_are_found_by_what_they_say() {
        let links = links(PAGE);
        assert_eq!(links[0].text, "Hộp đến");
        assert_eq!(links[0].href, "/quan-tri/hop-den");
    }
}
