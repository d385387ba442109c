//! Messages to people, by the mail server of `[mail]`.

use anyhow::Context;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use shared::folder::{MailSecurity, MailSettings};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// How long a mail server may take for a message.
const DEADLINE: Duration = Duration::from_secs(30);

/// Hands messages to a mail server.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A mailer as `settings` say; the password lies in a file of `folder`.
    ///
    /// # Errors
    /// When the password cannot be read, or a name is none.
    pub fn new(settings: &MailSettings, folder: &Path) -> anyhow::Result<Self> {
        shared::http_client::install_crypto();
        let host = settings.host.as_str();
        let parameters =
            || TlsParameters::new(host.to_owned()).with_context(|| format!("[mail] host: {host}"));
        let tls = match settings.security {
            MailSecurity::Tls => Tls::Wrapper(parameters()?),
            MailSecurity::StartTls => Tls::Required(parameters()?),
            MailSecurity::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port())
            .tls(tls)
            .timeout(Some(DEADLINE));
        if let Some((user, file)) = settings.credentials() {
            let file = folder.join(file);
            let password = std::fs::read_to_string(&file)
                .with_context(|| format!("[mail] password_file: {}", file.display()))?;
            let credentials = Credentials::new(user.to_owned(), password.trim_end().to_owned());
            builder = builder.credentials(credentials);
        }
        let from: Address = settings.from.parse().context("[mail] from")?;
        Ok(Self {
            transport: builder.build(),
            from: Mailbox::new(settings.name.clone(), from),
        })
    }

    /// Hands a message over; it was taken once this returns.
    ///
    /// # Errors
    /// What the mail server said, or why it cannot be reached.
    pub async fn send(
        &self,
        id: Uuid,
        to: &str,
        subject: &str,
        text: &str,
    ) -> std::result::Result<(), String> {
        let message = self.message(id, to, subject, text)?;
        let sent = self.transport.send(message).await;
        sent.map(drop).map_err(|error| shared::error::chain(&error))
    }

    fn message(
        &self,
        id: Uuid,
        to: &str,
        subject: &str,
        text: &str,
    ) -> std::result::Result<Message, String> {
        let to: Address = to
            .parse()
            .map_err(|error| format!("địa chỉ thư không đúng: {error}"))?;
        let builder: MessageBuilder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            // The same at every try: a mail server that took it without our hearing of it shows it once.
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .subject(subject);
        builder
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|error| error.to_string())
    }
}

/// Whether mail can be sent to `address`.
pub fn is_address(address: &str) -> bool {
    address.parse::<Address>().is_ok()
}
