import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.IntField;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.facet.FacetResult;
import org.apache.lucene.facet.FacetsCollector;
import org.apache.lucene.facet.FacetsCollectorManager;
import org.apache.lucene.facet.LabelAndValue;
import org.apache.lucene.facet.StringDocValuesReaderState;
import org.apache.lucene.facet.StringValueFacetCounts;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MultiCollectorManager;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.FSDirectory;

/**
 * Lucene behind the line protocol of benchmarks/peers/protocol.py: one indexing thread, one searching thread, title and
 * body with positions, the article stored. Totals are exact: nothing is skipped. Merging and caching are Lucene's defaults.
 */
public final class LucenePeer {
  private static final String[] FIELDS = {"title", "body"};
  private static final int TOP = 10;
  private static final int FACET_VALUES = 100;
  private static final String ITEM = "\u001f";
  private static final String PAIR = "\u001e";

  private final double memory;
  private DirectoryReader reader;
  private IndexSearcher searcher;
  private StringDocValuesReaderState sources;

  private LucenePeer(double memory) {
    this.memory = memory;
  }

  /** What is asked, as one line of the protocol spells it. */
  private record Question(String match, String[] words, String source, int first, int last, boolean counts, boolean stored) {
    static Question read(String line) {
      String[] parts = line.split("\t", -1);
      return new Question(
          parts[0],
          parts[1].split(" "),
          parts[2],
          Integer.parseInt(parts[3]),
          Integer.parseInt(parts[4]),
          parts[5].charAt(0) == '1',
          parts[5].charAt(1) == '1');
    }
  }

  /** Indexes the prepared articles of a file; returns nanoseconds, and how many of them of CPU time went into reading. */
  private long[] build(Path articles, Path directory) throws IOException {
    var threads = ManagementFactory.getThreadMXBean();
    long begin = System.nanoTime();
    long reading = 0;
    var config = new IndexWriterConfig(new WhitespaceAnalyzer()).setRAMBufferSizeMB(memory);
    try (var lines = Files.newBufferedReader(articles);
        var files = FSDirectory.open(directory);
        var writer = new IndexWriter(files, config)) {
      while (true) {
        long before = threads.getCurrentThreadCpuTime();
        String line = lines.readLine();
        String[] parts = line == null ? null : line.split("\t", -1);
        reading += threads.getCurrentThreadCpuTime() - before;
        if (parts == null) {
          break;
        }
        var document = new Document();
        document.add(new TextField("title", parts[3], Field.Store.NO));
        document.add(new TextField("body", parts[4], Field.Store.NO));
        document.add(new StringField("source", parts[1], Field.Store.NO));
        document.add(new SortedSetDocValuesField("source", new org.apache.lucene.util.BytesRef(parts[1])));
        document.add(new IntField("day", Integer.parseInt(parts[2]), Field.Store.NO));
        document.add(new StringField("id", parts[0], Field.Store.YES));
        document.add(new StoredField("original", parts[5]));
        writer.addDocument(document);
      }
      writer.commit();
    } // closing waits for merges
    return new long[] {System.nanoTime() - begin, reading};
  }

  private int open(Path directory) throws IOException {
    reader = DirectoryReader.open(FSDirectory.open(directory));
    searcher = new IndexSearcher(reader);
    sources = new StringDocValuesReaderState(reader, "source");
    return reader.leaves().size();
  }

  private String ask(Question question) throws IOException {
    Query query = query(question);
    var best = new TopScoreDocCollectorManager(TOP, null, Integer.MAX_VALUE);
    TopDocs found;
    var counts = new StringBuilder();
    if (question.counts) {
      Object[] both = searcher.search(query, new MultiCollectorManager(best, new FacetsCollectorManager()));
      found = (TopDocs) both[0];
      FacetResult values = new StringValueFacetCounts(sources, (FacetsCollector) both[1]).getTopChildren(FACET_VALUES, "source");
      if (values != null) {
        for (LabelAndValue value : values.labelValues) {
          counts.append(counts.isEmpty() ? "" : ITEM).append(value.label).append(PAIR).append(value.value);
        }
      }
    } else {
      found = searcher.search(query, best);
    }
    var ids = new StringBuilder();
    if (question.stored) {
      var stored = searcher.storedFields();
      for (ScoreDoc hit : found.scoreDocs) {
        ids.append(ids.isEmpty() ? "" : ITEM).append(stored.document(hit.doc).get("id"));
      }
    }
    return found.totalHits.value() + "\t" + ids + "\t" + counts;
  }

  private static Query query(Question question) {
    var words = new BooleanQuery.Builder();
    if (question.match.equals("phrase")) {
      for (String field : FIELDS) {
        words.add(new PhraseQuery(field, question.words), Occur.SHOULD);
      }
    } else {
      for (String word : question.words) {
        if (question.match.equals("any")) {
          addWord(words, word);
        } else {
          var either = new BooleanQuery.Builder();
          addWord(either, word);
          words.add(either.build(), Occur.MUST);
        }
      }
    }
    if (question.source.isEmpty() && question.first == 0 && question.last == 0) {
      return words.build();
    }
    var filtered = new BooleanQuery.Builder().add(words.build(), Occur.MUST);
    if (!question.source.isEmpty()) {
      filtered.add(new TermQuery(new Term("source", question.source)), Occur.FILTER);
    }
    if (question.first != 0 || question.last != 0) {
      filtered.add(IntField.newRangeQuery("day", question.first, question.last), Occur.FILTER);
    }
    return filtered.build();
  }

  private static void addWord(BooleanQuery.Builder words, String word) {
    for (String field : FIELDS) {
      words.add(new TermQuery(new Term(field, word)), Occur.SHOULD);
    }
  }

  public static void main(String[] arguments) throws IOException {
    var peer = new LucenePeer(Double.parseDouble(arguments[0]));
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line; (line = commands.readLine()) != null; answers.flush()) {
      String[] words = line.split("\t");
      switch (words[0]) {
        case "build" -> {
          long[] times = peer.build(Path.of(words[1]), Path.of(words[2]));
          answers.print(times[0] + "\t" + times[1] + "\n");
        }
        case "open" -> answers.print(peer.open(Path.of(words[1])) + "\n");
        default -> {
          List<Question> questions = new ArrayList<>();
          for (int left = Integer.parseInt(words[1]); left > 0; left--) {
            questions.add(Question.read(commands.readLine()));
          }
          if (words[0].equals("ask")) {
            for (Question question : questions) {
              long begin = System.nanoTime();
              String answer = peer.ask(question);
              answers.print((System.nanoTime() - begin) + "\t" + answer + "\n");
            }
          } else {
            long end = System.nanoTime() + (long) (Double.parseDouble(words[2]) * 1e9);
            do {
              for (Question question : questions) {
                peer.ask(question);
              }
            } while (System.nanoTime() < end);
            answers.print("ok\n");
          }
        }
      }
    }
  }
}
