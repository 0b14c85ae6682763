//! What a program asks of the authorization endpoint (OpenID Connect Core section 3.1.2.1). Pure.

use std::collections::BTreeMap;

use super::SCOPES;
use super::client::Client;

/// The parameters by name; empty ones are absent (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    /// The first one that came twice.
    twice: Option<String>,
}

impl Parameters {
    /// The parameters of pairs.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut all = Self::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            if all.values.insert(name.clone(), value).is_some() {
                all.twice.get_or_insert(name);
            }
        }
        all
    }

    /// The parameters of a query.
    pub fn of_query(query: &str) -> Self {
        Self::new(url::form_urlencoded::parse(query.as_bytes()).into_owned())
    }

    /// Whether a parameter came twice.
    pub fn is_twisted(&self) -> bool {
        self.twice.is_some()
    }

    /// One parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The same with one parameter set, or taken out.
    pub fn with(&self, name: &str, value: Option<String>) -> Self {
        let mut all = self.clone();
        match value.filter(|value| !value.is_empty()) {
            Some(value) => all.values.insert(name.into(), value),
            None => all.values.remove(name),
        };
        all
    }

    /// As a query.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.values).finish()
    }
}

/// An error that goes back to the program (section 3.1.2.6, RFC 6749 section 4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub error: &'static str,
    pub text: &'static str,
}

/// Shorthand for a fault.
pub fn fault<T>(error: &'static str, text: &'static str) -> Result<T, Fault> {
    Err(Fault { error, text })
}

/// A request that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub redirect_uri: String,
    /// The known ones of the scopes that were asked for, in order, separated by blanks.
    pub scope: String,
    pub state: Option<String>,
    pub nonce: String,
    /// The S256 challenge; empty when there is none.
    pub challenge: String,
    pub prompt: Prompt,
    /// Seconds since the password was shown, at most.
    pub max_age: Option<i64>,
    /// The password must have been shown after this moment (seconds since 1970): the mark that we set ourselves when
    /// we send somebody to show it again.
    pub after: Option<i64>,
    pub id_token_hint: Option<String>,
}

/// What the person may or must be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing at all.
    pub none: bool,
    /// The password again.
    pub login: bool,
    /// Consent again.
    pub consent: bool,
}

/// Reads the request of a program that is known and whose `redirect_uri` is registered.
pub fn read(client: &Client, parameters: &Parameters) -> Result<Request, Fault> {
    if parameters.is_twisted() {
        return fault("invalid_request", "A parameter came twice.");
    }
    if parameters.get("request").is_some() {
        return fault("request_not_supported", "Request objects are not supported.");
    }
    if parameters.get("request_uri").is_some() {
        return fault("request_uri_not_supported", "Request objects are not supported.");
    }
    match parameters.get("response_type") {
        Some("code") => {}
        None => return fault("invalid_request", "The response_type is missing."),
        Some(_) => return fault("unsupported_response_type", "The response_type is code."),
    }
    if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
        return fault("invalid_request", "The response_mode is query.");
    }
    let asked: Vec<&str> = parameters.get("scope").unwrap_or_default().split_whitespace().collect();
    if !asked.contains(&"openid") {
        return fault("invalid_scope", "The scope must have openid in it.");
    }
    let scope: Vec<&str> = SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| asked.contains(scope)).collect();
    let number = |name| match parameters.get(name).map(str::parse::<i64>) {
        None => Ok(None),
        Some(Ok(number)) if number >= 0 => Ok(Some(number)),
        Some(_) => fault("invalid_request", "max_age is a number of seconds."),
    };
    Ok(Request {
        redirect_uri: parameters.get("redirect_uri").unwrap_or_default().to_owned(),
        scope: scope.join(" "),
        state: parameters.get("state").map(str::to_owned),
        nonce: parameters.get("nonce").unwrap_or_default().to_owned(),
        challenge: challenge(client, parameters)?,
        prompt: prompt(parameters.get("prompt").unwrap_or_default())?,
        max_age: number("max_age")?,
        after: number("after")?,
        id_token_hint: parameters.get("id_token_hint").map(str::to_owned),
    })
}

/// The PKCE challenge; `plain` is refused, and so is a public program without any (RFC 9700 section 2.1.1).
fn challenge(client: &Client, parameters: &Parameters) -> Result<String, Fault> {
    let Some(challenge) = parameters.get("code_challenge") else {
        if parameters.get("code_challenge_method").is_some() {
            return fault("invalid_request", "The code_challenge is missing.");
        }
        if client.is_public {
            return fault("invalid_request", "A program without a secret needs PKCE: the code_challenge is missing.");
        }
        return Ok(String::new());
    };
    if parameters.get("code_challenge_method") != Some("S256") {
        return fault("invalid_request", "The code_challenge_method is S256.");
    }
    let sound = challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if sound { Ok(challenge.to_owned()) } else { fault("invalid_request", "The code_challenge is not one of S256.") }
}

fn prompt(text: &str) -> Result<Prompt, Fault> {
    let mut prompt = Prompt::default();
    for word in text.split_whitespace() {
        match word {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => return fault("invalid_request", "The prompt is none, login, consent or select_account."),
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return fault("invalid_request", "The prompt none stands alone.");
    }
    Ok(prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(is_public: bool) -> Client {
        Client {
            id: 1,
            client_id: "c1".into(),
            secret_hash: String::new(),
            name: "Wiki".into(),
            redirect_uris: "https://w/cb".into(),
            required_group: String::new(),
            is_public,
            is_trusted: false,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn asked(more: &str) -> Result<Request, Fault> {
        read(&client(false), &Parameters::of_query(&format!("response_type=code&scope=openid+email&{more}")))
    }

    #[test]
    fn unknown_parameters_and_scopes_are_ignored_and_known_ones_kept() {
        let request = asked("state=s&nonce=n&foo=bar&display=popup&ui_locales=de&acr_values=1&login_hint=ann")
            .expect("a request");
        assert_eq!(
            (request.state.as_deref(), request.nonce.as_str(), request.scope.as_str()),
            (Some("s"), "n", "openid email")
        );
        let odd =
            read(&client(false), &Parameters::of_query("response_type=code&scope=phone+openid+x")).expect("a request");
        assert_eq!(odd.scope, "openid");
    }

    #[test]
    fn what_makes_no_sense_is_told_by_its_code() {
        let pkce = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for (more, error) in [
            ("request=x", "request_not_supported"),
            ("request_uri=https://x", "request_uri_not_supported"),
            ("state=a&state=b", "invalid_request"),
            ("prompt=none+login", "invalid_request"),
            ("prompt=dance", "invalid_request"),
            ("max_age=soon", "invalid_request"),
            ("response_mode=fragment", "invalid_request"),
            (pkce, "invalid_request"),
            (&format!("{pkce}&code_challenge_method=plain"), "invalid_request"),
            ("code_challenge=short&code_challenge_method=S256", "invalid_request"),
            ("code_challenge_method=S256", "invalid_request"),
        ] {
            assert_eq!(asked(more).expect_err(more).error, error, "{more}");
        }
        let of = |query: &str| read(&client(false), &Parameters::of_query(query)).expect_err(query).error;
        assert_eq!(of("scope=openid"), "invalid_request");
        assert_eq!(of("scope=openid&response_type=token"), "unsupported_response_type");
        assert_eq!(of("scope=email&response_type=code"), "invalid_scope");
        assert!(asked(&format!("{pkce}&code_challenge_method=S256")).is_ok());
    }

    #[test]
    fn a_program_without_a_secret_needs_pkce() {
        let bare = read(&client(true), &Parameters::of_query("response_type=code&scope=openid"));
        assert_eq!(bare.expect_err("no PKCE").error, "invalid_request");
    }
}
