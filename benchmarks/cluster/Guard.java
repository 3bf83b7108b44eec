import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.plugins.ActionPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.SecureAuxTransportSettingsProvider;
import org.opensearch.plugins.SecureHttpTransportSettingsProvider;
import org.opensearch.plugins.SecureSettingsFactory;
import org.opensearch.plugins.SecureTransportSettingsProvider;
import org.opensearch.plugins.TransportExceptionHandler;
import org.opensearch.rest.BytesRestResponse;
import org.opensearch.rest.RestChannel;
import org.opensearch.rest.RestHandler;
import org.opensearch.rest.RestRequest;
import org.opensearch.transport.client.node.NodeClient;

/**
 * Makes a node answer by TLS alone, and only those who say who they are, as OpenSearch's security plugin does: with the
 * key store that the environment variable GUARD_KEYS names (its password is {@code PASSWORD}), to requests whose
 * {@code Authorization} is one of the lines of GUARD_ADMITTED.
 */
public final class Guard extends Plugin implements ActionPlugin {
    private static final char[] PASSWORD = "keystore".toCharArray();

    private final Set<String> admitted = Set.of(System.getenv("GUARD_ADMITTED").split("\n"));

    @Override
    @SuppressWarnings("removal") // there is no other way yet
    public UnaryOperator<RestHandler> getRestHandlerWrapper(ThreadContext context) {
        return handler -> new RestHandler.Wrapper(handler) {
            @Override
            public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws Exception {
                String who = request.header("Authorization");
                if (who != null && admitted.contains(who)) {
                    handler.handleRequest(request, channel, client);
                } else {
                    channel.sendResponse(new BytesRestResponse(RestStatus.UNAUTHORIZED, "Unauthorized"));
                }
            }
        };
    }

    @Override
    public Optional<SecureSettingsFactory> getSecureSettingFactory(Settings settings) {
        return Optional.of(new SecureSettingsFactory() {
            @Override
            public Optional<SecureTransportSettingsProvider> getSecureTransportSettingsProvider(Settings settings) {
                return Optional.empty();
            }

            @Override
            public Optional<SecureHttpTransportSettingsProvider> getSecureHttpTransportSettingsProvider(Settings settings) {
                return Optional.of(new Encryption());
            }

            @Override
            public Optional<SecureAuxTransportSettingsProvider> getSecureAuxTransportSettingsProvider(Settings settings) {
                return Optional.empty();
            }
        });
    }

    private static final class Encryption implements SecureHttpTransportSettingsProvider {
        private final SSLContext context = context();

        @Override
        public Optional<TransportExceptionHandler> buildHttpServerExceptionHandler(
            Settings settings, HttpServerTransport transport
        ) {
            return Optional.empty();
        }

        @Override
        public Optional<SSLEngine> buildSecureHttpServerEngine(Settings settings, HttpServerTransport transport) {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            return Optional.of(engine);
        }

        private static SSLContext context() {
            try (InputStream file = Files.newInputStream(Path.of(System.getenv("GUARD_KEYS")))) {
                KeyStore keys = KeyStore.getInstance("PKCS12");
                keys.load(file, PASSWORD);
                KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                managers.init(keys, PASSWORD);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(managers.getKeyManagers(), null, null);
                return context;
            } catch (Exception error) {
                throw new IllegalStateException(error);
            }
        }
    }
}
