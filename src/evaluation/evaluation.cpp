#include "tha4/evaluation/evaluation.h"

#include <algorithm>
#include <string>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/evaluation/scorer.h"
#include "tha4/metrics/psnr.h"
#include "tha4/metrics/seen_picture.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

void stop_if_interrupted(const Context& context) {
  if (context.stop.stop_requested()) throw InterruptedError("interrupted; nothing was written");
}

/// Where the PSNR of pictures is asked for, that of network values comes first.
Scorer scorer_of(const Evaluation& evaluation) {
  const auto& metrics = evaluation.metrics.metrics();
  std::vector<ImagePsnr> psnrs;
  if (std::find(metrics.begin(), metrics.end(), PictureMetric::psnr) != metrics.end()) {
    psnrs.push_back(ImagePsnr::network);
  }
  return Scorer(std::move(psnrs), evaluation.metrics, evaluation.background);
}

/// Scores what a part of a teacher makes of triples.
class PartScorer {
 public:
  PartScorer(const Evaluation& evaluation, TeacherPart part)
      : scorer_(scorer_of(evaluation)),
        background_(evaluation.background),
        measures_moved_(part == TeacherPart::face) {}

  std::vector<MetricDescription> metrics() const {
    std::vector<MetricDescription> metrics = scorer_.metrics();
    if (measures_moved_)
      metrics.push_back({"moved_psnr", "PSNR of moving pixels (dB)", true, 2, kMaxPsnrInMean});
    return metrics;
  }

  /// \param triples  as the part sees them
  at::Tensor score(const TripleBatch& triples, const at::Tensor& images) const {
    const at::Tensor scores = scorer_.score(triples.posed, images);
    if (!measures_moved_) return scores;
    const at::Tensor moved =
        moved_psnr(seen_pictures(triples.posed, background_), seen_pictures(images, background_),
                   seen_pictures(triples.rest, background_));
    return torch::cat({scores, moved.cpu().unsqueeze(1)}, 1);
  }

 private:
  Scorer scorer_;
  SrgbColor background_;
  bool measures_moved_;
};

std::vector<double> scores_of(const at::Tensor& scores, std::int64_t row) {
  const double* const begin = scores.data_ptr<double>() + row * scores.size(1);
  return {begin, begin + scores.size(1)};
}

}  // namespace

ScoreTable evaluate_student(Poser& teacher, Poser& student, std::span<const Pose> poses,
                            const Evaluation& evaluation, const Context& context) {
  const torch::NoGradGuard no_grad;
  const Scorer scorer = scorer_of(evaluation);
  ScoreTable table;
  table.columns = columns_of("student", scorer.metrics());
  Progress progress(context, "student against teacher", std::ssize(poses), "poses");
  progress.update(0);
  const auto batch = static_cast<std::size_t>(evaluation.batch);
  for (std::size_t first = 0; first < poses.size(); first += batch) {
    stop_if_interrupted(context);
    const at::Tensor posed = to_tensor(poses.subspan(first, std::min(batch, poses.size() - first)));
    const at::Tensor truth = teacher.pose(posed).blended;
    const at::Tensor scores = scorer.score(truth, student.pose(posed).blended.to(truth.device()));
    for (std::int64_t i = 0; i < scores.size(0); ++i) {
      const std::size_t index = first + static_cast<std::size_t>(i);
      table.rows.push_back({index, fmt::format("pose {}", index + 1), scores_of(scores, i)});
    }
    progress.update(std::ssize(table.rows));
  }
  return table;
}

ScoreTable evaluate_teacher(const FrameMaker& teacher, TeacherPart part, c10::Device device,
                            TestTriples& triples, const Evaluation& evaluation, const Context& context) {
  const torch::NoGradGuard no_grad;
  const PartScorer scorer(evaluation, part);
  ScoreTable table;
  for (const std::string subject : {"teacher", "rest image"}) {
    for (const ScoreColumn& column : columns_of(subject, scorer.metrics())) table.columns.push_back(column);
  }
  const auto own = static_cast<std::int64_t>(triples.own_size());
  Progress progress(context, "teacher on test images", own, "images");
  progress.update(0);
  while (std::ssize(table.rows) < own) {
    stop_if_interrupted(context);
    std::vector<Triple> taken;
    std::vector<std::uint64_t> indices;
    while (std::ssize(taken) < evaluation.batch) {
      std::optional<NumberedTriple> numbered = triples.next();
      if (!numbered) break;
      indices.push_back(numbered->index);
      taken.push_back(std::move(numbered->triple));
    }
    const TripleBatch read = to_batch(taken);
    const TripleBatch whole{read.rest.to(device), read.posed.to(device), read.poses.to(device)};
    const TripleBatch batch = seen(whole, row_of(part).view);
    const at::Tensor frames = teacher(whole.rest, whole.poses);
    const at::Tensor scores = torch::cat({scorer.score(batch, frames), scorer.score(batch, batch.rest)}, 1);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      table.rows.push_back({indices[i], taken[i].key, scores_of(scores, static_cast<std::int64_t>(i))});
    }
    progress.update(std::ssize(table.rows));
  }
  return table;
}

void gather_rows(ScoreTable& table, ProcessGroup& group) {
  std::vector<ScoreRow> rows;
  for (const std::string& text : group.gather(rows_text(table.rows))) {
    for (ScoreRow& row : parse_rows(text)) rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const ScoreRow& a, const ScoreRow& b) { return a.index < b.index; });
  table.rows = std::move(rows);
}

}  // namespace tha4
