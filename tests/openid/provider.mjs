// A real OpenID Connect provider for the stories: panva's oidc-provider, on loopback, with one client.
// Usage: node provider.mjs ISSUER CLIENT_ID CLIENT_SECRET REDIRECT POST_LOGOUT
import Provider from 'oidc-provider';

const [issuer, id, secret, redirect, afterwards] = process.argv.slice(2);
const at = new URL(issuer);
const provider = new Provider(issuer, {
  clients: [{
    client_id: id,
    client_secret: secret,
    redirect_uris: [redirect],
    post_logout_redirect_uris: [afterwards],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  claims: { profile: ['preferred_username'], openid: ['sub', 'preferred_username'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  // Whoever types a name at its form is that person.
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, preferred_username: sub }),
  }),
  cookies: { keys: ['a key for tests'] },
});
const server = provider.listen(Number(at.port), at.hostname, () => console.log('ready'));
// Longer than anything on a busy machine takes between two requests: closing meets a request half way.
server.keepAliveTimeout = 600_000;
