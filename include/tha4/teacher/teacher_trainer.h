#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include <c10/core/Device.h>

#include "tha4/base/context.h"
#include "tha4/data/triple_source.h"
#include "tha4/distributed/process_group.h"
#include "tha4/report/measure.h"
#include "tha4/teacher/teacher_config.h"
#include "tha4/train/run_folder.h"
#include "tha4/train/training.h"

namespace tha4 {

/// One run of the teacher trainer: one network of one teacher.
struct TeacherTrainingJob {
  TeacherTrainingConfig config;
  std::filesystem::path vgg16;  ///< torchvision's file; may be empty where there is no perceptual loss
  std::filesystem::path out;    ///< the teacher's folder: official files, and runs/<network>/
  RunStart start = RunStart::fresh;
  /// Folder of a teacher whose weights the network begins with, with a fresh optimiser; empty: it begins
  /// untrained. A run that is resumed goes on from its checkpoint.
  std::filesystem::path init;
  /// After which the run ends where it stands, its learning rate having fallen by then as at the end of its
  /// schedule; 0: when the schedule is over.
  std::chrono::duration<double> time{};
};

/// What a run of the teacher trainer has left.
struct TeacherTrainingResult {
  std::vector<std::filesystem::path> files;  ///< the official files that were written
  std::vector<std::string> missing;  ///< official files that the teacher still lacks, of its architecture
  std::vector<Measure> validation;   ///< of the network as exported; empty without test images
  std::int64_t examples = 0;         ///< that the network has seen
  std::int64_t total_examples = 0;   ///< of the schedule
  double seconds = 0;                ///< of this process
};

/// Trains a network (paper, section 4.2 and appendix B) and writes its official files into the teacher's
/// folder. Every process of \p group calls it with the same job; the first one writes. Throws InputError,
/// before anything is written, where files, data or settings do not fit; InterruptedError, where \p context
/// asks for a stop, after saving and exporting what there is; Error when a loss is no longer finite.
TeacherTrainingResult train_teacher(const TeacherTrainingJob& job, ProcessGroup& group, c10::Device device,
                                    const Context& context = {});

/// Opens the data that \p config names, for triples that show \p step: this process' share of the split. Rigs
/// are drawn on \p device where it is a GPU. Throws InputError as open_triple_source() does.
std::unique_ptr<TripleSource> open_training_source(const TeacherTrainingConfig& config, PoseStep step,
                                                   Split split, const ProcessGroup& group, c10::Device device,
                                                   const Context& context = {});

/// The folder of the run that trains \p network for the teacher in \p out.
std::filesystem::path run_folder_of(const std::filesystem::path& out, TrainedNetwork network);

}  // namespace tha4
