//! A hyper client over loopback, its requests signed by the layer or bearing constant headers.

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderName, Request, Response, Uri};
use http_body::Body;
use http_body_util::{Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_signing::{BoxError, SigningLayer};

use super::aws::AwsCase;
use super::{Case, Contender, Each, Who, service};

/// The case w: what signing takes alone, and what it adds to a client whose requests bear constant headers.
///
/// Each request is made before it is measured, with room: the one that is signed as its caller has it, the constant one
/// with all its headers, whose text is shared. So what a signature adds has its place in the header map in it as well.
/// The heads that arrive are equal, byte for byte. Each client has a thread with its server, and one connection.
pub(crate) fn wire(case: &AwsCase) -> Case {
    let loopback = Loopback::new();
    let layer = SigningLayer::new(case.signer());
    let mut signed = Wire { runtime: loopback.runtime, client: layer.layer(client(loopback.stream)) };
    signed.send(service::request(case));
    let signed_head = loopback.arrived.lock().expect("nobody panics with it").take().expect("a request");
    case.check(&signed_head, "SigningLayer over a hyper client");

    // hyper adds `host`.
    let is_added = |name: &HeaderName| name != HOST && !case.head.headers.contains_key(name);
    let added = signed_head.headers.iter().filter(|(name, _)| is_added(name));
    let added: Vec<_> = added.map(|(name, value)| (name.clone(), value.clone())).collect();
    assert_eq!(added.len(), 3, "case w: a signature adds three headers");
    let loopback = Loopback::new();
    let mut prepared = case.clone();
    prepared.head.headers.extend(added);
    let mut constant = Wire { runtime: loopback.runtime, client: client(loopback.stream) };
    constant.send(service::request(&prepared));
    let constant_head = loopback.arrived.lock().expect("nobody panics with it").take().expect("a request");
    assert_eq!(signed_head.uri, constant_head.uri);
    assert!(signed_head.headers.iter().eq(&constant_head.headers), "case w: the heads differ");
    Case {
        key: "w",
        title: "a by a hyper client over loopback",
        contenders: vec![
            (Who::Signer, case.ours(Arc::new(case.signer()))),
            (Who::Constant, constant.contender(&prepared)),
            (Who::Signed, signed.contender(case)),
        ],
    }
}

/// A server and the connection to it.
struct Loopback {
    runtime: Runtime,
    stream: TcpStream,
    /// The head of the last request.
    arrived: Arc<Mutex<Option<Parts>>>,
}

impl Loopback {
    fn new() -> Self {
        // It looks for events whenever nothing else is to be done, and not each so many tasks: every request is alike.
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_io().event_interval(u32::MAX).build().expect("a runtime");
        let (stream, accepted) = runtime.block_on(connect()).expect("a connection over loopback");
        let arrived = Arc::<Mutex<_>>::default();
        let last = Arc::clone(&arrived);
        let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
            *last.lock().expect("nobody panics with it") = Some(request.into_parts().0);
            ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
        });
        // Without a date, whose text is made anew each second.
        let mut server = http1::Builder::new();
        let serving = server.auto_date_header(false).serve_connection(TokioIo::new(accepted), answer);
        runtime.spawn(serving);
        Self { runtime, stream, arrived }
    }
}

async fn connect() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let stream = TcpStream::connect(listener.local_addr()?).await?;
    let (accepted, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    accepted.set_nodelay(true)?;
    Ok((stream, accepted))
}

/// Sends over this connection, wherever a request is bound for.
fn client<B>(stream: TcpStream) -> Client<impl Connect + Clone, B>
where
    B: Body<Data: Send> + Send,
{
    let stream = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connector = service_fn(move |_: Uri| {
        let stream = stream.lock().expect("nobody panics with it").take();
        ready(stream.ok_or("one connection is enough"))
    });
    Client::builder(TokioExecutor::new()).build(connector)
}

/// A client, and the thread that it shares with its server.
struct Wire<S> {
    runtime: Runtime,
    client: S,
}

impl<S> Wire<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<Incoming>, Error: Into<BoxError>> + Send + 'static,
{
    fn send(&mut self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let client = &mut self.client;
        let response = self.runtime.block_on(async { client.ready().await?.call(request).await });
        response.map_err(Into::into).expect("an answer")
    }

    fn contender(mut self, case: &AwsCase) -> Box<dyn Contender> {
        let case = case.clone();
        Box::new(Each {
            make: move || Some(service::request(&case)),
            work: move |request: &mut Option<_>| self.send(request.take().expect("one for each call")),
        })
    }
}
