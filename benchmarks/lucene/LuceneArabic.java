import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * Lucene as a Lucene user has it for Arabic: ArabicAnalyzer with its own stop words, BM25 over one field, any word matches.
 *
 * <p>{@code index TEXTS DIRECTORY} indexes lines of an id, a tab, a text. {@code search DIRECTORY K1 B DEPTH} reads lines of
 * a query's id, a tab, the query from standard input and writes a TREC run to standard output.
 */
public final class LuceneArabic {
  private static final String ID = "id";
  private static final String TEXT = "text";

  private LuceneArabic() {}

  private static void index(Path texts, Path directory, Analyzer analyzer) throws IOException {
    try (var lines = Files.newBufferedReader(texts);
        var files = FSDirectory.open(directory);
        var writer = new IndexWriter(files, new IndexWriterConfig(analyzer))) {
      for (String line; (line = lines.readLine()) != null; ) {
        int tab = line.indexOf('\t');
        var document = new Document();
        document.add(new StringField(ID, line.substring(0, tab), Field.Store.YES));
        document.add(new TextField(TEXT, line.substring(tab + 1), Field.Store.NO));
        writer.addDocument(document);
      }
    }
  }

  private static void search(Path directory, float k1, float b, int depth, Analyzer analyzer) throws IOException {
    var queries = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var builder = new QueryBuilder(analyzer);
    try (var reader = DirectoryReader.open(FSDirectory.open(directory));
        var run = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
      var searcher = new IndexSearcher(reader);
      searcher.setSimilarity(new BM25Similarity(k1, b));
      var stored = searcher.storedFields();
      for (String line; (line = queries.readLine()) != null; ) {
        int tab = line.indexOf('\t');
        Query query = builder.createBooleanQuery(TEXT, line.substring(tab + 1));
        if (query == null) { // nothing but stop words
          continue;
        }
        int rank = 0;
        float last = Float.POSITIVE_INFINITY; // scores that tie are made to fall, or evaluation would order them by id
        for (ScoreDoc hit : searcher.search(query, depth).scoreDocs) {
          String id = stored.document(hit.doc).get(ID);
          last = Math.min(hit.score, Math.nextDown(last));
          run.printf(Locale.ROOT, "%s\tQ0\t%s\t%d\t%.9g\tlucene\n", line.substring(0, tab), id, ++rank, last);
        }
      }
    }
  }

  public static void main(String[] arguments) throws IOException {
    try (var analyzer = new ArabicAnalyzer()) {
      Path first = Path.of(arguments[1]);
      if (arguments[0].equals("index")) {
        index(first, Path.of(arguments[2]), analyzer);
      } else {
        float k1 = Float.parseFloat(arguments[2]);
        search(first, k1, Float.parseFloat(arguments[3]), Integer.parseInt(arguments[4]), analyzer);
      }
    }
  }
}
