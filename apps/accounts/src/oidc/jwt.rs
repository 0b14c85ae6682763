//! Signed JSON: JWS compact serialisation with ES256 (RFC 7515, RFC 7518 section 3.4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// A P-256 key that signs.
pub struct Signer {
    pair: EcdsaKeyPair,
}

/// A key that could not be made or read; a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("A signing key cannot be made or read.")]
pub struct BadKey;

impl Signer {
    /// A new key as PKCS #8, base64url.
    pub fn draw() -> Result<String, BadKey> {
        let drawn = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(B64.encode(drawn.map_err(|_| BadKey)?.as_ref()))
    }

    /// The key of what [`Signer::draw`] gave.
    pub fn read(private: &str) -> Result<Self, BadKey> {
        let bytes = B64.decode(private).map_err(|_| BadKey)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new());
        Ok(Self { pair: pair.map_err(|_| BadKey)? })
    }

    /// The public members of its JWK (RFC 7518 section 6.2.1).
    pub fn public(&self) -> Value {
        // An uncompressed point: 4, then x and y of 32 bytes each.
        let point = self.pair.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..65]) })
    }

    /// Signs claims under a key id.
    pub fn sign(&self, kid: &str, claims: &Value) -> Result<String, BadKey> {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": kid });
        let text = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).map_err(|_| BadKey)?;
        Ok(format!("{text}.{}", B64.encode(signature.as_ref())))
    }
}

/// The key id that a token names.
pub fn kid(token: &str) -> Option<String> {
    let header: Value = serde_json::from_slice(&B64.decode(token.split('.').next()?).ok()?).ok()?;
    if header["alg"] != "ES256" {
        return None;
    }
    Some(header["kid"].as_str()?.to_owned())
}

/// The claims of a token that this public JWK signed; times are not looked at.
pub fn verify(public: &Value, token: &str) -> Option<Value> {
    let (text, signature) = token.rsplit_once('.')?;
    let (x, y) = (B64.decode(public["x"].as_str()?).ok()?, B64.decode(public["y"].as_str()?).ok()?);
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(text.as_bytes(), &B64.decode(signature).ok()?).ok()?;
    serde_json::from_slice(&B64.decode(text.split('.').nth(1)?).ok()?).ok()
}

/// The left half of the SHA-256 of a text, base64url: `at_hash` (OpenID Connect Core section 3.1.3.6).
pub fn half_hash(text: &str) -> String {
    use sha2::Digest;
    B64.encode(&sha2::Sha256::digest(text.as_bytes())[..16])
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub fn challenge(verifier: &str) -> String {
    use sha2::Digest;
    B64.encode(sha2::Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let private = Signer::draw().expect("a key");
        let signer = Signer::read(&private).expect("the key");
        let token = signer.sign("k1", &json!({ "sub": "7" })).expect("a token");
        assert_eq!(kid(&token).as_deref(), Some("k1"));
        assert_eq!(verify(&signer.public(), &token), Some(json!({ "sub": "7" })));
        let other = Signer::read(&Signer::draw().expect("a key")).expect("a key");
        assert_eq!(verify(&other.public(), &token), None);
        let unsigned = format!("{}.{}.", B64.encode(r#"{"alg":"none","kid":"k1"}"#), B64.encode("{}"));
        assert_eq!(kid(&unsigned), None);
        assert_eq!(verify(&signer.public(), &unsigned), None);
        for broken in ["", ".", "..", "a.b.c", &token[..token.len() - 2]] {
            assert_eq!(verify(&signer.public(), broken), None, "{broken}");
        }
    }

    #[test]
    fn the_challenge_is_the_one_of_the_rfc() {
        // RFC 7636 appendix B.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
