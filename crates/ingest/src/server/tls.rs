//! TLS: a certificate and its key, read from two files and again when they were renewed.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

/// Where the certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that it hangs on, as PEM.
    pub cert: PathBuf,
    /// Its key, as PEM.
    pub key: PathBuf,
}

/// A certificate that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file that cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file without a certificate.
    #[error("--tls-cert: {} takes a certificate as PEM, with those that it hangs on below it", .0.display())]
    NoCertificate(PathBuf),
    /// A file without a key.
    #[error("--tls-key: {} takes a private key as PEM", .0.display())]
    NoKey(PathBuf),
    /// Files that do not belong together.
    #[error("the certificate in {} and the key in {} cannot be used together", files.cert.display(), files.key.display())]
    Mismatch {
        /// The files.
        files: TlsFiles,
        /// Why.
        #[source]
        source: rustls::Error,
    },
}

/// What makes connections secret.
#[derive(Debug)]
pub(super) struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    pub(super) fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let current = RwLock::new(read(&files)?);
        Ok(Self { files, current })
    }

    /// Reads the files again. Connections that are open stay as they are; if the files cannot be used, new
    /// ones do too.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        let config = read(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Greets a client, within a time.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let greeting = TlsAcceptor::from(config).accept(stream);
        tokio::time::timeout(GREETING_TIME, greeting)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let text =
        |path: &PathBuf| fs::read(path).map_err(|source| TlsError::Unreadable { path: path.clone(), source });
    let no_certificate = || TlsError::NoCertificate(files.cert.clone());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text(&files.cert)?)
        .collect::<Result<_, _>>()
        .map_err(|_| no_certificate())?;
    if chain.is_empty() {
        return Err(no_certificate());
    }
    let key =
        PrivateKeyDer::from_pem_slice(&text(&files.key)?).map_err(|_| TlsError::NoKey(files.key.clone()))?;
    let mismatch = |source| TlsError::Mismatch { files: files.clone(), source };
    let mut config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(mismatch)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(mismatch)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

const GREETING_TIME: Duration = Duration::from_secs(10);
