//! What to do about a server that cannot be reached.

use tokio_rustls::rustls::{self, CertificateError};

/// What helps, where that can be told.
pub(super) fn advice(error: &ureq::Error, url: &str, has_authorities: bool) -> Option<&'static str> {
    match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(why)) => of_certificate(why, has_authorities),
        Some(rustls::Error::InvalidMessage(_)) => Some(NO_TLS),
        Some(_) => None,
        None => (url.starts_with("http://") && is_no_http(error)).then_some(NO_HTTP),
    }
}

/// What TLS found wrong; on a connection, that is inside of an error of the connection.
fn tls_error(error: &ureq::Error) -> Option<&rustls::Error> {
    match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

fn of_certificate(why: &CertificateError, has_authorities: bool) -> Option<&'static str> {
    match why {
        // Of two authorities with the same name, the wrong one finds a bad signature.
        CertificateError::UnknownIssuer | CertificateError::BadSignature if has_authorities => {
            Some(OTHER_AUTHORITY)
        }
        CertificateError::UnknownIssuer => Some(NO_AUTHORITY),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some(OTHER_NAME)
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Some(EXPIRED),
        // This one has no name of its own there.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            Some(OF_AUTHORITY)
        }
        _ => None,
    }
}

fn is_no_http(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Protocol(_))
}

const NO_AUTHORITY: &str = "nobody whom this machine trusts has signed its certificate; if you have an authority of your own, name its \
     certificate with --ca FILE";
const OTHER_AUTHORITY: &str =
    "none of the authorities in the file of --ca has signed its certificate; name the one that has";
const OTHER_NAME: &str =
    "its certificate is for another name; say that name in --from, or have the certificate made anew";
const EXPIRED: &str = "its certificate has ended; renew it there";
const OF_AUTHORITY: &str = "what it shows is the certificate of an authority; have that sign one for the server's name, serve with the \
     new one (--tls-cert, --tls-key), and name that of the authority with --ca here";
const NO_TLS: &str = "something answers there without TLS; is its address http://… ?";
const NO_HTTP: &str = "something answers there, and not in HTTP; is its address https://… ?";
