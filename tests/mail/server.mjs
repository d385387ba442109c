// A real mail server for the stories: Nodemailer's smtp-server, on loopback. Whoever signs in with the password may
// hand letters over; each is told as a line of JSON.
// Usage: node server.mjs ADDRESS PORT USER PASSWORD
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';

const [address, port, user, password] = process.argv.slice(2);
const server = new SMTPServer({
  hideSTARTTLS: true,
  allowInsecureAuth: true,
  onAuth: (auth, session, done) => {
    const known = auth.username === user && auth.password === password;
    done(known ? null : new Error('wrong name or password'), { user });
  },
  onData: (stream, session, done) => {
    simpleParser(stream).then((letter) => {
      console.log(JSON.stringify({
        from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((one) => one.address),
        id: letter.messageId,
        subject: letter.subject,
        text: letter.text,
      }));
      done();
    }, done);
  },
});
server.listen(Number(port), address, () => console.log('ready'));
