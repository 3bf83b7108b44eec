import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/**
 * One OpenSearch node of a cluster for tests: {@code ClusterNode HOME NAME=VALUE...}; ends when it is killed, or, with
 * the environment variable LEASHED, when its input ends: with the process that started it, however that ends. With
 * GUARD_KEYS it is guarded: see {@link Guard}.
 */
public final class ClusterNode extends Node {
    private ClusterNode(Settings settings, Path home) {
        super(
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> "node"),
            System.getenv("GUARD_KEYS") == null
                ? List.of(plugin(Netty4ModulePlugin.class))
                : List.of(plugin(Netty4ModulePlugin.class), plugin(Guard.class)),
            true);
    }

    private static PluginInfo plugin(Class<? extends Plugin> type) {
        return new PluginInfo(
            type.getName(), type.getName(), "", Version.CURRENT, "21", type.getName(), List.of(), false);
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Settings.Builder settings = Settings.builder().put("path.home", home);
        for (int at = 1; at < arguments.length; at++) {
            String[] pair = arguments[at].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Node node = new ClusterNode(settings.build(), home);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
            ended.countDown();
        }));
        node.start();
        if (System.getenv("LEASHED") != null) {
            while (System.in.read() >= 0) {
                // Nothing is ever said: what matters is the end.
            }
            Runtime.getRuntime().halt(0);
        }
        ended.await();
    }
}
